/** Parts of a text that are compared letter by letter, and what is left of the text without code and links. */
export interface Literals {
  readonly rest: string
  readonly code: readonly string[]
  readonly links: readonly string[]
  readonly quotes: readonly string[]
}

/** Takes code blocks, inline code and links out of a text, and notes what it quotes. */
export function literalsOf(text: string): Literals {
  const code: string[] = []
  const links: string[] = []
  let rest = text
  if (text.includes('`')) {
    rest = rest.replace(/```(?:[^\n`]*\n)?([\s\S]*?)(?:```|$)|`([^`\n]+)`/g, (_, block: string | undefined, inline: string | undefined) => {
      code.push((block ?? inline ?? '').trim())
      return ' '
    })
  }
  if (/:\/\/|www\./i.test(rest)) {
    rest = rest.replace(/\b(?:[a-z][a-z+.-]*:\/\/|www\.)[^\s<>"')\]]+/gi, link => {
      links.push(link.replace(/^https?:\/\/(?:www\.)?|^www\./i, '').replace(/[.,;:!?]+$|\/(?=[.,;:!?]*$)/g, '').replace(/\/$/, ''))
      return ' '
    })
  }
  const quotes = rest.includes('"') || rest.includes(" '") ? [...rest.matchAll(/"([^"]+)"|(?<=^|[\s(])'([^']+)'(?=$|[\s).,;:!?])/g)].map(match => (match[1] ?? match[2]!).trim().toLowerCase().replace(/[.,;:!?]+$/, '')) : []
  return { rest, code, links, quotes }
}
