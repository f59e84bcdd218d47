// The headers of node-addon-api without what the preprocessor leaves out of them here anyway: a third of what they take in the package.

// By the defines of binding.gyp, or because nobody defines them.
const settled = new Map([
  ['NAPI_HAS_THREADS', false],
  ['NODE_ADDON_API_DISABLE_DEPRECATED', true],
  ['NODE_ADDON_API_CPP_EXCEPTIONS', false],
  ['NODE_ADDON_API_CPP_EXCEPTIONS_ALL', false],
  ['NODE_ADDON_API_ENABLE_MAYBE', false],
  ['NODE_ADDON_API_ENABLE_TYPE_CHECK_ON_AS', false],
  ['NODE_ADDON_API_REQUIRE_BASIC_FINALIZERS', false],
  ['NODE_API_EXPERIMENTAL_HAS_POST_FINALIZER', false],
  ['NODE_API_EXPERIMENTAL_HAS_SET_PROTOTYPE', false],
  ['NODE_API_EXPERIMENTAL_HAS_SHAREDARRAYBUFFER', false],
  ['NAPI_CPP_CUSTOM_NAMESPACE', false],
  ['_MSC_VER', false],
]);

// Undefined: another condition.
function truthOf(line) {
  const [, kind, name] = /^#\s*(if|ifdef|ifndef)\s+(?:defined\()?(\w+)\)?\s*$/.exec(line) ?? [];
  const threads = /^#\s*if \(.* && NAPI_HAS_THREADS\)\s*$/.test(line);
  const truth = threads ? false : settled.get(name);
  return kind === 'ifndef' && truth !== undefined ? !truth : truth;
}

/** Each branch that is left out as empty lines, so that the others keep their numbers. */
export function withoutLeftOut(text) {
  // Of each open #if whether it is settled, and whether its present branch is compiled.
  const open = [];
  const isLeftOut = () => open.some(({ compiled }) => !compiled);
  const bare = text.split('\n').map((line) => {
    const [, directive] = /^#\s*(if|ifdef|ifndef|elif|else|endif)\b/.exec(line) ?? [];
    if (directive === undefined) return isLeftOut() ? '' : line;
    const last = open.at(-1);
    if (directive === 'endif') open.pop();
    else if (directive === 'else') last.compiled = last.truth === undefined || !last.truth;
    else if (directive === 'elif') {
      if (last.truth !== undefined) throw new Error(`cannot settle a condition that goes on: ${line}`);
    } else {
      const truth = truthOf(line);
      open.push({ truth, compiled: truth ?? true });
    }
    const own = directive.startsWith('if') ? open.at(-1) : last;
    return own.truth !== undefined || isLeftOut() ? '' : line;
  });
  if (open.length > 0) throw new Error('a condition without an end');
  return bare.join('\n');
}
