const cleanups = new Set<() => void>()
let listening = false

/** Runs a synchronous cleanup when this process exits, unless the returned function was called before. */
export function atExit(cleanup: () => void): () => void {
  if (!listening) process.on('exit', runAll)
  listening = true
  cleanups.add(cleanup)
  return () => {
    cleanups.delete(cleanup)
  }
}

function runAll(): void {
  for (const cleanup of cleanups) {
    try {
      cleanup()
    } catch {
      // One cleanup that fails must not spare the others.
    }
  }
}
