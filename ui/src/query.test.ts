import { expect, test } from "bun:test"
import fc from "fast-check"
import { inQuery, queryOf } from "./query.ts"

const texts = fc.oneof(fc.string({ unit: "binary" }), fc.stringMatching(/^[ -~]*$/), fc.stringMatching(/^[\w.*-]*$/))

test("a query is written as URLSearchParams writes it, whatever stands in it", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(texts, texts)), (fields) => {
      expect(queryOf(fields)).toBe(new URLSearchParams(fields).toString())
    }),
  )
})

test("a line's end is no plain text, and half of a character becomes the sign for it", () => {
  expect(inQuery("a\n")).toBe("a%0A")
  expect(inQuery("\ud800")).toBe("%EF%BF%BD")
})
