/** A vector of length 1 in the direction of the given one; undefined when it has no direction, or is none. */
export function unit(values: ArrayLike<number>): Float32Array | undefined {
  let sum = 0
  for (let at = 0; at < values.length; at++) sum += values[at]! * values[at]!
  if (!Number.isFinite(sum) || sum <= 0) return undefined
  const length = Math.sqrt(sum)
  return Float32Array.from(values, value => value / length)
}

/** A vector from the little-endian 32-bit floats that OpenAI's `base64` is. */
export function fromBase64(text: string): Float32Array {
  const bytes = Buffer.from(text, 'base64')
  const values = new Float32Array(Math.floor(bytes.length / 4))
  for (let at = 0; at < values.length; at++) values[at] = bytes.readFloatLE(at * 4)
  return values
}
