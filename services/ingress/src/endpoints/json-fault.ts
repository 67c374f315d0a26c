/** Where a text stops being JSON, and what could stand there. */
export interface JsonFault {
  readonly offset: number
  readonly expected: string
}

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_ARRAY = 0x5b
const BACKSLASH = 0x5c
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
// In ASCII a bracket closes two places behind the one that opens.
const TO_CLOSE = 2
const SCALAR = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const ESCAPE = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y

/** The first fault of a text that is not JSON. The engine's own message often lacks the position and quotes the text. */
export const jsonFault = (text: string): JsonFault => new Walk(text).fault()

/** Goes over the text once and keeps the open brackets itself: a body may be nested deeper than calls can be. */
class Walk {
  readonly #text: string
  #at = 0
  /** What closes the brackets that are open. */
  readonly #closers: Uint8Array
  #depth = 0
  /** Nothing came yet behind the last bracket that opened. */
  #fresh = false

  constructor(text: string) {
    this.#text = text
    this.#closers = new Uint8Array(text.length)
  }

  fault(): JsonFault {
    let expected = this.#value()
    while (expected === undefined && this.#depth > 0) expected = this.#further()
    // Past the last value there is room for space only.
    if (expected === undefined) this.#next()
    return { offset: this.#at, expected: expected ?? 'the end' }
  }

  /** What was expected is returned, where it is not there; likewise below. */
  #value(): string | undefined {
    const first = this.#next()
    if (first === QUOTE) return this.#string()
    if (first === OPEN_OBJECT || first === OPEN_ARRAY) {
      this.#closers[this.#depth++] = first + TO_CLOSE
      this.#fresh = true
      this.#at++
      return undefined
    }
    return this.#past(SCALAR) ? undefined : 'a value'
  }

  /** One step inside of brackets: the next element or member, or the end. */
  #further(): string | undefined {
    const closer = this.#closers[this.#depth - 1]!
    const first = this.#next()
    const fresh = this.#fresh
    this.#fresh = false
    if (first === closer) {
      this.#depth--
      this.#at++
      return undefined
    }
    if (!fresh) {
      if (first !== COMMA) return `a comma or ${String.fromCharCode(closer)}`
      this.#at++
    }
    return (closer === CLOSE_OBJECT ? this.#name() : undefined) ?? this.#value()
  }

  #name(): string | undefined {
    if (this.#next() !== QUOTE) return 'a name in quotes'
    const expected = this.#string()
    if (expected !== undefined) return expected
    if (this.#next() !== COLON) return 'a colon'
    this.#at++
    return undefined
  }

  #string(): string | undefined {
    for (this.#at++; ; ) {
      const code = this.#text.charCodeAt(this.#at)
      if (code === BACKSLASH) {
        if (!this.#past(ESCAPE)) return 'an escape of JSON'
        continue
      }
      // Neither the end of the text nor a control character.
      if (!(code >= 0x20)) return 'a closing quote'
      this.#at++
      if (code === QUOTE) return undefined
    }
  }

  #past(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at
    if (!pattern.test(this.#text)) return false
    this.#at = pattern.lastIndex
    return true
  }

  /** The next character that is no space. */
  #next(): number {
    let code = this.#text.charCodeAt(this.#at)
    while (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) code = this.#text.charCodeAt(++this.#at)
    return code
  }
}
