import { invalidArgType } from './errors.js';
import { unknownOption, written } from './unknown-option.js';

/** Every option of an interface, by name: one that is forgotten does not compile. */
export type OptionNames<Options extends object> = { readonly [Name in keyof Options]-?: true };

// What every realm's has, and no object that people make: they come from the realms of node:vm too, as in Jest.
const ofObjectPrototype = ['hasOwnProperty', 'isPrototypeOf', 'propertyIsEnumerable'] as const;

function isObjectPrototype(object: object): boolean {
  if (object === Object.prototype) return true;
  return Object.getPrototypeOf(object) === null && ofObjectPrototype.every((name) => Object.hasOwn(object, name));
}

// By the object or by one of its prototypes, short of Object.prototype: what stands there, nobody has given.
function isGiven(object: object, name: string): boolean {
  for (let owner: object | null = object; owner !== null; owner = Reflect.getPrototypeOf(owner)) {
    if (isObjectPrototype(owner)) return false;
    if (Object.hasOwn(owner, name)) return true;
  }
  return false;
}

/** A property of an object or of its prototypes, short of Object.prototype. */
export function givenValue(object: object, name: string): unknown {
  return isGiven(object, name) ? Reflect.get(object, name) : undefined;
}

/** The names that for...in finds, without those of Object.prototype. */
export function givenNames(object: object): string[] {
  const names: string[] = [];
  for (const name in object) if (isGiven(object, name)) names.push(name);
  return names;
}

/** Those of the named properties that are given, each read once. */
export function pick<Properties extends object>(
  object: Properties,
  names: OptionNames<NoInfer<Properties>>,
): Properties {
  const picked = Object.create(null) as Record<string, unknown>;
  for (const name of Object.keys(names)) if (isGiven(object, name)) picked[name] = Reflect.get(object, name);
  return picked as Properties;
}

/**
 * The options that a function was given, none if not given: from the object and its prototypes, short of Object.prototype.
 * `hint` says of the names of others what does that here; `argument` is what the object is called.
 * @throws ERR_INVALID_ARG_TYPE, ERR_SIGKIT_UNKNOWN_OPTION
 */
export function readOptions<Options extends object>(
  value: Options | undefined,
  names: OptionNames<NoInfer<Options>>,
  hint?: (name: string) => string | undefined,
  argument: string = 'options',
): Options {
  if (value === undefined) return Object.create(null) as Options;
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalidArgType(argument, 'of type object', value);
  for (const name of givenNames(value))
    if (!Object.hasOwn(names, name) && isMeant(value, name))
      throw unknownOption(`${argument}${written(name)}`, name, Object.keys(names), hint);
  return pick(value, names);
}

// Nobody relies on what is undefined. A function that is inherited is a method of the class, as old compilers make them.
function isMeant(options: object, name: string): boolean {
  const value: unknown = Reflect.get(options, name);
  return value !== undefined && (typeof value !== 'function' || Object.hasOwn(options, name));
}
