{
  "variables": {
    "werror%": "false",
    "coverage%": "false",
    "sanitize%": ""
  },
  "targets": [
    {
      "target_name": "sigkit",
      "conditions": [
        ["OS!='linux'", { "type": "none" }, {
          "sources": ["<!@(node native/sources.mjs)"],
          "include_dirs": ["native"],
          "defines": ["NAPI_VERSION=9", "NODE_ADDON_API_DISABLE_CPP_EXCEPTIONS", "NAPI_DISABLE_CPP_EXCEPTIONS", "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS", "_GNU_SOURCE"],
          "cflags_cc": [
            "-std=c++20",
            "-fno-exceptions",
            "-fvisibility=hidden",
            "-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion",
            "-isystem", "<!(node -p \"path.resolve(require('node-addon-api').include_dir)\")",
            "-isystem", "<(node_root_dir)/include/node"
          ],
          "ldflags": ["-Wl,-z,nodelete", "-Wl,-z,relro,-z,now"]
        }],
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
    }
  ]
}
