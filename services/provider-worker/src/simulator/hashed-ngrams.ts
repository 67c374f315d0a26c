/**
 * A text as a point on the unit sphere: its words and their pieces of three to five characters are hashed to dimensions and counted with a sign.
 * Texts that share words are near each other; what they mean is not known to it.
 */
export function hashedNgrams(text: string, dimensions: number): Float32Array {
  const vector = new Float32Array(dimensions)
  const add = (feature: string, weight: number): void => {
    const hash = hashOf(feature)
    // The sign comes from a bit that has no part in the position, so that collisions cancel out on average.
    const position = (hash >>> 1) % dimensions
    vector[position] = (vector[position] ?? 0) + (hash & 1 ? weight : -weight)
  }
  for (const word of text.normalize('NFKC').toLowerCase().match(/[\p{L}\p{M}\p{N}_]+|[^\s\p{L}\p{M}\p{N}_]/gu) ?? []) {
    const characters = [...`‹${word}›`]
    add(word, WORD_WEIGHT)
    for (let length = SHORTEST; length <= LONGEST; length++) {
      for (let start = 0; start + length <= characters.length; start++) add(characters.slice(start, start + length).join(''), 1)
    }
  }
  return normalised(vector, text)
}

const WORD_WEIGHT = 2
const SHORTEST = 3
const LONGEST = 5

/** FNV-1a of 32 bits over UTF-16 code units, its low bits mixed with the high ones. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  hash ^= hash >>> 15
  return Math.imul(hash, 0x2c1b3c6d) >>> 0
}

function normalised(vector: Float32Array, text: string): Float32Array {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0))
  if (length > 0) return vector.map(value => value / length)
  // Nothing but spaces, or all cancelled out.
  vector[hashOf(text) % vector.length] = 1
  return vector
}
