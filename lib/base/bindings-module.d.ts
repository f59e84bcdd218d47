declare module 'bindings' {
  export default function bindings<Addon>(options: { readonly bindings: string; readonly module_root: string }): Addon;
}
