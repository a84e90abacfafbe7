const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

/** A random id in Stripe's manner, such as `pi_3kX…`: the prefix says what it names. */
export function newId(prefix: string): string {
  return prefix + randomText(24)
}

/** Letters and digits, about 5.9 bits each. */
export function randomText(length: number): string {
  let text = ""
  while (text.length < length) {
    // 248 is the largest multiple of 62 that a byte holds; what lies above would favour the first letters.
    for (const byte of crypto.getRandomValues(new Uint8Array(length + 8))) {
      if (byte < 248 && text.length < length) text += ALPHABET[byte % 62]
    }
  }
  return text
}
