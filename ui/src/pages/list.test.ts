import { expect, test } from "bun:test"
import { localPath } from "./list.tsx"

test("after the log-in nobody is led to another site", () => {
  const elsewhere = [
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "/\t/evil.example",
    "javascript:alert(1)",
    "",
  ]
  expect(elsewhere.map(localPath)).toEqual(elsewhere.map(() => "/"))
})

test("within this site the way keeps its query", () => {
  expect(localPath("/book?offer=a%2Fb&adults=2")).toBe("/book?offer=a%2Fb&adults=2")
})
