/** The data of each server-sent event in a client's bytes; what is not JSON stays text. */
export function eventsIn(bytes: Uint8Array): readonly unknown[] {
  const blocks = Buffer.from(bytes).toString().split(/\r?\n\r?\n/)
  return blocks.map(block => block.split(/\r?\n/).filter(line => line.startsWith('data:')).map(line => line.slice(5).trimStart()).join('\n')).filter(data => data !== '').map(parsed)
}

function parsed(data: string): unknown {
  try {
    return JSON.parse(data)
  } catch {
    return data
  }
}
