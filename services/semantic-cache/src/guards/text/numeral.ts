import { tokenOf, type Token } from './token.ts'

/** Reads a chunk that is a number, a range, a sum of money, a date, a time, or a number with letters attached; nothing for anything else. */
export function numeralOf(text: string): readonly Token[] | undefined {
  if (!/\d/.test(text) || /^[\d.]*\d\.\d+\.\d/.test(text)) return text.includes('.') ? dottedDate(text) : undefined
  return moment(text) ?? range(text) ?? amount(text) ?? attached(text)
}

/** The token of a number, however it was written; `text` is what a reader would see. */
export function numberToken(value: string, text = value): Token {
  return tokenOf(text, { kind: 'number', value })
}

function moment(text: string): readonly Token[] | undefined {
  const iso = /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})$/.exec(text)
  if (iso) return [tokenOf(text, { kind: 'date', value: `${iso[1]}-${Number(iso[2])}-${Number(iso[3])}` })]
  const slashed = /^(\d{1,2})[/-](\d{1,2})[/-](\d{4}|\d{2})$/.exec(text)
  if (slashed) return [dayAndMonth(text, slashed)]
  const clock = /^(\d{1,2})(?:[:.](\d{2}))?(am|pm|a\.m|p\.m)$/i.exec(text)
  if (clock) return [time(text, (Number(clock[1]) % 12) + (/^p/i.test(clock[3]!) ? 12 : 0), Number(clock[2] ?? 0))]
  const hours = /^(\d{1,2}):(\d{2})(?::\d{2})?$/.exec(text)
  return hours ? [time(text, Number(hours[1]), Number(hours[2]))] : undefined
}

function dottedDate(text: string): readonly Token[] | undefined {
  const dotted = /^(\d{1,2})\.(\d{1,2})\.(\d{4})$/.exec(text)
  return dotted ? [dayAndMonth(text, dotted)] : undefined
}

/** Which of two small numbers is the month cannot be known: the order stays as typed unless one is above 12. */
function dayAndMonth(text: string, [, first, second, year]: RegExpExecArray): Token {
  const [a, b] = [Number(first), Number(second)]
  const full = year!.length === 2 ? `20${year}` : year!
  const value = a > 12 ? `${full}-${b}-${a}` : b > 12 ? `${full}-${a}-${b}` : `${full}?${a}?${b}`
  return tokenOf(text, { kind: 'date', value })
}

function time(text: string, hour: number, minute: number): Token {
  return tokenOf(text, { kind: 'time', value: String(hour * 60 + minute) })
}

function range(text: string): readonly Token[] | undefined {
  const found = /^([$€£₹¥]?)(\d[\d,.]*)([kK%]?)-[$€£₹¥]?(\d[\d,.]*)([kKmM%]?|[a-z]+)$/.exec(text)
  if (!found) return undefined
  const [, sign, low, lowEnd, high, highEnd] = found
  return [...amount(`${sign}${low}${lowEnd}`) ?? [], ...(amount(`${sign}${high}${highEnd}`) ?? attached(`${high}${highEnd}`) ?? [])]
}

function amount(text: string): readonly Token[] | undefined {
  const fraction = /^(\d+)\/(\d+)$/.exec(text)
  if (fraction && Number(fraction[2]) > Number(fraction[1])) return [numberToken(String(Number(fraction[1]) / Number(fraction[2])), text)]
  const found = /^([~<>]?)([$€£₹¥]?)(\d{1,3}(?:,\d{2,3})+(?:\.\d+)?|\d+(?:\.\d+)?)(k|m|bn|st|nd|rd|th)?([%$€£₹¥]?)(\+?)$/i.exec(text)
  if (!found) return undefined
  const [, , before = '', digits = '', suffix = '', after = ''] = found
  if (suffix.toLowerCase() === 'm' && before === '') return undefined
  const sign = before || after
  const number = numberToken(decimal(digits.replaceAll(',', ''), suffix.toLowerCase(), sign !== ''), text)
  return sign === '' ? [number] : [number, tokenOf(sign, { kind: 'sign', value: sign })]
}

/** "3.10" and "3.1" are two versions but one sum of money. */
function decimal(digits: string, suffix: string, measured: boolean): string {
  const scale = SCALES.get(suffix)
  if (scale !== undefined) return String(Math.round(Number(digits) * scale))
  return measured || !digits.includes('.') ? String(Number(digits)) : digits
}

/** "16GB" and "gpt-4": a number and a word. */
function attached(text: string): readonly Token[] | undefined {
  const before = /^(\d+(?:\.\d+)?)-?([a-z\u00b0]+)$/i.exec(text)
  if (before && !/^[0-9a-f]{7,}$/i.test(text)) return [numberToken(decimal(before[1]!, '', false)), tokenOf(before[2]!.toLowerCase())]
  const after = /^([a-z]+)-?(\d+(?:\.\d+)?)$/i.exec(text)
  if (!after || /^v$/i.test(after[1]!) || after[2]!.length > 4) return undefined
  const name = tokenOf(after[1]!.toLowerCase(), { capital: /^[A-Z]/.test(after[1]!), upper: /^[A-Z]{2,}$/.test(after[1]!) })
  return [name, numberToken(after[2]!)]
}

const SCALES = new Map([['k', 1e3], ['m', 1e6], ['bn', 1e9]])
