import { expect, test } from "bun:test"
import { derivedId, isUuid, newId, parseRequestId } from "./ids.ts"

test("new ids are UUIDs in the order of their making", () => {
  const ids = Array.from({ length: 1000 }, newId)
  expect(ids).toEqual([...ids].sort())
  expect(new Set(ids).size).toBe(1000)
  expect(ids.every(isUuid)).toBe(true)
})

test("the same parts give the same id, others another one", () => {
  expect(derivedId("booking", "x", 1)).toBe(derivedId("booking", "x", "1"))
  expect(derivedId("booking", "x", 1)).not.toBe(derivedId("booking", "x", 2))
  // What RFC 9562's version 5 gives for "a:1" in the DNS name space, as any other implementation computes it.
  const bytes = new Bun.CryptoHasher("sha1")
    .update(Buffer.from("6ba7b8129dad11d180b400c04fd430c8", "hex"))
    .update("a:1")
    .digest()
  expect(derivedId("a", 1).slice(0, 8)).toBe(bytes.toString("hex").slice(0, 8))
})

test("a request_id is a UUID in any case, and nothing else", () => {
  const id = newId()
  expect(parseRequestId(id.toUpperCase())).toBe(id)
  for (const wrong of ["", "1", `${id} `, `{${id}}`, id.replaceAll("-", "")]) {
    expect(() => parseRequestId(wrong)).toThrow("request_id")
  }
})
