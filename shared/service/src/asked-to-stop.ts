/**
 * Resolves with the reason once this process is asked to end: SIGTERM, Ctrl-C, or the end of the launcher it has a channel to.
 * From the call on these no longer end the process by themselves, so it is called before anything is started.
 */
export function askedToStop(): Promise<string> {
  return new Promise(asked => {
    process.once('SIGTERM', () => asked('SIGTERM'))
    // Ctrl-C reaches a launcher's children too; the launcher then stops them in their order, and its end is theirs.
    if (process.send === undefined) process.once('SIGINT', () => asked('SIGINT'))
    else process.on('SIGINT', () => {}).once('disconnect', () => asked('the launcher is gone'))
    // It may have gone before: nothing tells of that any more.
    if (process.send !== undefined && !process.connected) asked('the launcher is gone')
  })
}
