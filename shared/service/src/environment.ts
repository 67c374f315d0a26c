/** The variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>

/** The text of a variable that was truly set. */
export function given(text: string | undefined): string | undefined {
  const trimmed = text?.trim() ?? ''
  return trimmed === '' || /^\$\{[^}]*\}$/.test(trimmed) ? undefined : trimmed
}
