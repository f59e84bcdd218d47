import { onLoopStall, openDiagnostics } from 'sigkit/diagnostics';

/** Opens what watches this process, as a service would that wants all of it; the function closes it again. */
export function openAll(): () => void {
  const diagnostics = openDiagnostics();
  const stalls = onLoopStall({ thresholdMs: 1000, report: 'stderr' }, () => {});
  return () => {
    stalls.close();
    diagnostics.close();
  };
}
