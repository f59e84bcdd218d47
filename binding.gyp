{
  "variables": {
    "werror%": "false",
    "coverage%": "false",
    "sanitize%": "",
    "static_init%": "false"
  },
  "target_defaults": {
    "include_dirs": ["native"],
    "defines": ["_GNU_SOURCE"],
    "cflags_cc": [
      "-fno-exceptions",
      "-fvisibility=hidden",
      "-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion"
    ],
    "conditions": [
      ["werror=='true'", { "cflags_cc": ["-Werror"] }],
      ["coverage=='true'", { "cflags_cc": ["--coverage", "-O0"], "ldflags": ["--coverage"] }],
      ["sanitize=='address'", {
        "cflags_cc": ["-fsanitize=address,undefined", "-fno-sanitize-recover=undefined", "-fno-omit-frame-pointer", "-g"],
        # A shared libubsan would hand its log_path to the preloaded libasan and report to stderr instead.
        "ldflags": ["-fsanitize=address,undefined", "-static-libubsan", "-Wl,--exclude-libs,libubsan.a"]
      }],
      ["sanitize=='thread'", {
        "cflags_cc": ["-fsanitize=thread", "-fno-omit-frame-pointer", "-g"],
        "ldflags": ["-fsanitize=thread"]
      }]
    ]
  },
  "conditions": [
    ["OS!='linux'", { "targets": [{ "target_name": "sigkit", "type": "none" }] }, {
      "targets": [
        {
          "target_name": "sigkit",
          "sources": ["<!@(node native/sources.mjs posix hub addon)"],
          # native/provide-headers.mjs goes by these.
          "defines": ["NAPI_VERSION=9", "NAPI_HAS_THREADS=0", "NODE_ADDON_API_DISABLE_DEPRECATED", "NODE_ADDON_API_DISABLE_CPP_EXCEPTIONS", "NAPI_DISABLE_CPP_EXCEPTIONS", "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS"],
          # Node's -O3 makes it two and a half times as large.
          "cflags!": ["-O3"],
          "cflags": ["-O2"],
          # After Node's own.
          "cflags_cc": [
            "-std=c++20",
            "-isystem", "<!(node native/headers.mjs)",
            "-isystem", "<(node_root_dir)/include/node"
          ],
          "ldflags": ["-Wl,-z,nodelete", "-Wl,-z,relro,-z,now"]
        },
        {
          "target_name": "sigkit_init",
          "product_name": "sigkit-init",
          "type": "executable",
          "sources": ["<!@(node native/sources.mjs posix init)"],
          "defines": ["SIGKIT_VERSION=\"<!(node -p \"require('./package.json').version\")\""],
          "cflags_cc": ["-std=c++20", "-ffunction-sections", "-fdata-sections"],
          "ldflags!": ["-rdynamic"],
          # Blocks all signals before libc starts: native/init/entry.cc.
          "ldflags": ["-Wl,-e,sigkit_init_entry", "-Wl,--gc-sections", "-Wl,-z,relro,-z,now"],
          "conditions": [["static_init=='true'", { "ldflags": ["-static"] }]]
        }
      ]
    }]
  ]
}
