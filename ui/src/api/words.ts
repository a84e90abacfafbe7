type WordOf<E> = Lowercase<keyof E & string>

/** An enum of the protos as lower-case words of JSON: `CABIN_PREMIUM_ECONOMY` is "premium_economy". */
export function wordsOf<const E extends Record<string, number>>(values: E) {
  const words = Object.keys(values).map((name) => name.toLowerCase()) as WordOf<E>[]
  const byNumber = new Map(Object.entries(values).map(([name, value]) => [value, name.toLowerCase() as WordOf<E>]))
  return {
    /** Every word but "unspecified". */
    words: words.filter((word): word is Exclude<WordOf<E>, "unspecified"> => word !== "unspecified"),
    toWord: (value: E[keyof E]) => byNumber.get(value) as Exclude<WordOf<E>, "unspecified">,
    /** Undefined means unspecified. */
    toEnum: (word: WordOf<E> | undefined) => values[(word ?? "unspecified").toUpperCase()] as E[keyof E],
  }
}

/** An instant as RFC 3339; every answer has the ones that its shape does not call nullable. */
export function instant(time: Date | undefined): string {
  if (!time) throw new Error("an answer lacks an instant that it promises")
  return time.toISOString()
}

export const instantOrNull = (time: Date | undefined): string | null => time?.toISOString() ?? null

/** What an answer of a service always has, as its proto says. */
export function present<T>(part: T | undefined): T {
  if (part === undefined) throw new Error("an answer lacks a part that it promises")
  return part
}
