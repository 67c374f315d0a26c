import { hash } from 'node:crypto'

/** A fingerprint of some pieces of text, in 64 digits and letters from a to f: the same for the same pieces. */
export const digest = (...pieces: readonly (string | Uint8Array)[]): string =>
  // Each piece by itself first, so that no two different lists run together into one.
  pieces.length === 1 && pieces[0] !== undefined ? hash('sha256', pieces[0]) : hash('sha256', pieces.map(piece => hash('sha256', piece)).join())
