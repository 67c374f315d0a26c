import type { ReasoningDetail } from '../../hub/hub.ts'

const TEXTS = ['text', 'summary', 'data'] as const

/** Adds pieces of reasoning details to a list: a piece with the index and type of one that is there continues it. */
export function addDetails(list: ReasoningDetail[], pieces: readonly ReasoningDetail[]): void {
  for (const piece of pieces) {
    const at = piece.index === undefined ? -1 : list.findLastIndex(({ index, type }) => index === piece.index && type === piece.type)
    const begun = list[at]
    if (begun) list[at] = continued(begun, piece)
    else list.push(piece)
  }
}

function continued(begun: ReasoningDetail, piece: ReasoningDetail): ReasoningDetail {
  const said = Object.entries(piece).filter(([, value]) => value !== null && value !== undefined)
  const joined = TEXTS.filter(name => typeof piece[name] === 'string').map(name => [name, (begun[name] ?? '') + piece[name]])
  return { ...begun, ...Object.fromEntries(said), ...Object.fromEntries(joined) } as ReasoningDetail
}
