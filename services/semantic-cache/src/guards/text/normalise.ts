/** One spelling of one text: compatibility forms, quotes, dashes and full-width characters become the plain ones, Latin accents go. */
export function normalise(text: string): string {
  if (!BEYOND_ASCII.test(text)) return text
  return text
    .normalize('NFKD')
    .replace(ACCENTS, '')
    .normalize('NFC')
    .replace(SINGLE_QUOTES, "'")
    .replace(DOUBLE_QUOTES, '"')
    .replace(LONG_DASHES, ' - ')
    .replace(HYPHENS, '-')
    .replace(INVISIBLE, '')
}

const BEYOND_ASCII = /[^\0-\x7f]/
const ACCENTS = /[\u0300-\u036f]/g
const SINGLE_QUOTES = /[\u2018-\u201b\u2032\u00b4\u02bc]/g
const DOUBLE_QUOTES = /[\u201c-\u201f\u2033\u00ab\u00bb]/g
const LONG_DASHES = /(?<=\D)[\u2014\u2015](?=\D)/g
const HYPHENS = /[\u2010-\u2015\u2212]/g
const INVISIBLE = /[\u200b-\u200f\u2060\ufeff]/g
