/** The spelling of something that is compared letter by letter (flag, e-mail, path, version, hash, code name), or nothing for a plain word. */
export function identifierOf(text: string): string | undefined {
  if (!MIXED.test(text)) return undefined
  if (FLAG.test(text)) return text
  if (EMAIL.test(text) || DOMAIN.test(text) || FILE.test(text)) return text.toLowerCase()
  if (PATH.test(text) || SNAKE.test(text) || CAMEL.test(text)) return text
  if (VERSION.test(text)) return text.toLowerCase().replace(/^v/, '')
  if (TICKET.test(text) || HASH.test(text) || CODE.test(text)) return text.toLowerCase().replace(/^#/, '')
  return undefined
}

/** Only what is not plain lower-case or capitalised letters can be one. */
const MIXED = /[^\p{L}']|\p{Ll}\p{Lu}/u
const FLAG = /^--?[A-Za-z][\w-]*(?:=\S+)?$/
const EMAIL = /^[\w.+-]+@[\w-]+(?:\.[\w-]+)+$/
const DOMAIN = /^(?:[\w-]+\.)+(?:com|org|net|io|dev|edu|gov|co|ai|app|uk|de|eu|me|info)(?:\/\S*)?$/i
const FILE = /^[\w-]+(?:\.[\w-]+)*\.(?:ts|js|tsx|jsx|py|rb|go|rs|java|c|h|cpp|cs|php|sh|json|ya?ml|toml|xml|html?|css|md|txt|csv|pdf|docx?|xlsx?|png|jpe?g|gif|zip|tar|gz|log|sql|ini|conf|env|exe|dll|lock)$/i
const PATH = /^(?:~|\.{1,2})?\/[\w.@~-]+(?:\/[\w.@~-]*)*$|^[A-Za-z]:\\\S*$|^[\w.@-]+(?:\/[\w.@-]+){2,}$/
const SNAKE = /^[A-Za-z]\w*_\w+(?:\(\))?$|^\w+\(\)$/
const CAMEL = /^(?=.{4})\p{Ll}+\p{Lu}[\p{L}\d]*$|^(?:\p{Lu}\p{Ll}+){2,}$/u
const VERSION = /^v?\d+(?:\.\d+){2,}(?:-[\w.]+)?$|^v\d+(?:\.\d+)*$/i
const TICKET = /^#\d+$|^[A-Za-z]{1,6}-\d+-\d+$|^[A-Z]{2,6}-\d{3,}$/
const HASH = /^(?=.*\d)(?=.*[a-f])[0-9a-f]{7,64}$|^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const CODE = /^(?:[A-Za-z]+\d+){2,}[A-Za-z]*$|^(?:\d+[A-Za-z]+){2,}\d*$|^0x[0-9a-f]+$/i
