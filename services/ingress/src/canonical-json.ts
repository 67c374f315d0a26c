/** A member of an object: its name, and both it and its value as canonical text. */
export interface Member {
  readonly name: string
  readonly text: string
}

const QUOTE = 0x22
const COMMA = 0x2c
const OPEN_ARRAY = 0x5b
const BACKSLASH = 0x5c
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
// Deeper than any request that means something, and far from the end of the stack.
const MAX_DEPTH = 1000
// Over a short way a loop beats the call of indexOf, whose case is the long text.
const SHORT = 48

/**
 * The one text of all spellings of a JSON text that nobody can read differently: no space, members sorted by code units, strings escaped as
 * `JSON.stringify` does. What readers may differ about stays as written: `1` and `1.0`, more digits than a double has, repeated members.
 * The text must be valid JSON; undefined when it is nested more than 1000 deep.
 */
export function canonicalJson(json: string): string | undefined {
  return attempted(() => new Reader(json).value(0))
}

/** The members of a valid JSON object in canonical order; undefined when it is no object, or nested more than 1000 deep. */
export function canonicalMembers(json: string): Member[] | undefined {
  return attempted(() => new Reader(json).members(0))
}

/** The canonical text of an object with these members. */
export function objectOf(members: readonly Member[]): string {
  let text = '{'
  for (const member of members) text += text.length === 1 ? member.text : `,${member.text}`
  return `${text}}`
}

function attempted<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

/** Works on the text and not on what a parser made of it, which has lost digits and repeated members. */
class Reader {
  readonly #json: string
  #at = 0
  /** The last string may hold a backslash. */
  #escaped = false

  constructor(json: string) {
    this.#json = json
  }

  value(depth: number): string {
    const first = this.#next()
    if (first === QUOTE) return this.#string()
    if (first === OPEN_OBJECT) return objectOf(this.members(depth))
    return first === OPEN_ARRAY ? this.#array(depth) : this.#scalar()
  }

  members(depth: number): Member[] {
    this.#open(OPEN_OBJECT, depth)
    const members: Member[] = []
    let before = ''
    let sorted = true
    while (this.#next() !== CLOSE_OBJECT) {
      const label = this.#string()
      const name = this.#escaped ? String(JSON.parse(label)) : label.slice(1, -1)
      // Past the colon.
      this.#next()
      this.#at++
      members.push({ name, text: `${label}:${this.value(depth + 1)}` })
      if (name < before) sorted = false
      before = name
      if (this.#next() === COMMA) this.#at++
    }
    this.#at++
    return sorted ? members : members.sort(byName)
  }

  #array(depth: number): string {
    this.#open(OPEN_ARRAY, depth)
    let text = '['
    while (this.#next() !== CLOSE_ARRAY) {
      const element = this.value(depth + 1)
      text += text.length === 1 ? element : `,${element}`
      if (this.#next() === COMMA) this.#at++
    }
    this.#at++
    return `${text}]`
  }

  #open(bracket: number, depth: number): void {
    if (this.#next() !== bracket || depth >= MAX_DEPTH) throw new Error('something else, or too deep')
    this.#at++
  }

  #string(): string {
    const start = this.#at
    this.#at = this.#shortEnd(start) ?? this.#longEnd(start)
    const literal = this.#json.slice(start, this.#at)
    // All other escapes have one spelling.
    return this.#escaped && (literal.includes('\\u') || literal.includes('\\/')) ? JSON.stringify(JSON.parse(literal)) : literal
  }

  #shortEnd(start: number): number | undefined {
    this.#escaped = false
    for (let at = start + 1; at < start + SHORT; at++) {
      const code = this.#json.charCodeAt(at)
      if (code === QUOTE) return at + 1
      if (code === BACKSLASH) {
        this.#escaped = true
        at++
      }
    }
    return undefined
  }

  #longEnd(start: number): number {
    let quote = start
    do {
      quote = this.#json.indexOf('"', quote + 1)
      if (quote === -1) throw new Error('not JSON')
    } while (this.#isEscaped(quote))
    this.#escaped = true
    return quote + 1
  }

  #isEscaped(quote: number): boolean {
    let before = quote
    while (this.#json.charCodeAt(before - 1) === BACKSLASH) before--
    return (quote - before) % 2 === 1
  }

  #scalar(): string {
    const start = this.#at
    while (!endsScalar(this.#json.charCodeAt(this.#at))) this.#at++
    if (this.#at === start) throw new Error('not JSON')
    return this.#json.slice(start, this.#at)
  }

  /** The next character that is no space. */
  #next(): number {
    let code = this.#json.charCodeAt(this.#at)
    while (isSpace(code)) code = this.#json.charCodeAt(++this.#at)
    return code
  }
}

const byName = (a: Member, b: Member): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)

const isSpace = (code: number): boolean => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09

/** Past the end of the text the code is not a number. */
const endsScalar = (code: number): boolean => code === COMMA || code === CLOSE_ARRAY || code === CLOSE_OBJECT || isSpace(code) || Number.isNaN(code)
