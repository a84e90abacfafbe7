import { expect, test } from "bun:test"
import { canonicalForm, decodeForm } from "./form.ts"

const decoded = (encoded: string) => JSON.parse(JSON.stringify(decodeForm(encoded)))

test("brackets become objects and lists", () => {
  expect(decoded("a=1&b[c]=2&b[d][e]=3&f[0][g]=4&f[1][g]=5&expand[]=x&expand[]=y&space=a+b%26c")).toEqual({
    a: "1",
    b: { c: "2", d: { e: "3" } },
    f: [{ g: "4" }, { g: "5" }],
    expand: ["x", "y"],
    space: "a b&c",
  })
})

test("numbers are names, too, where names stand beside them", () => {
  expect(decoded("metadata[1]=a&metadata[b]=c")).toEqual({ metadata: { 1: "a", b: "c" } })
  expect(decoded("metadata[12345]=a")).toEqual({ metadata: { 12345: "a" } })
})

test("no key reaches what every object has", () => {
  expect(decodeForm("__proto__[polluted]=1&constructor[prototype][polluted]=1")).not.toHaveProperty("constructor.name")
  expect(({} as { polluted?: string }).polluted).toBeUndefined()
})

test("a value is no object, and nesting has an end", () => {
  expect(() => decodeForm("a=1&a[b]=2")).toThrow("Invalid object")
  expect(() => decodeForm(`a${"[b]".repeat(20)}=1`)).toThrow("nested too deeply")
})

test("the same parameters in another order are the same request", () => {
  expect(canonicalForm("b=2&a[x]=1")).toBe(canonicalForm("a%5Bx%5D=1&b=2"))
  expect(canonicalForm("a=1")).not.toBe(canonicalForm("a=2"))
})
