import { expect, test } from "bun:test"
import { csvRecord } from "./csv.ts"

test("a record ends with CRLF, and only what needs quotes has them", () => {
  expect(csvRecord(["Zürich", -60n, "", "a,b", 'say "no"', "two\r\nlines"])).toBe(
    'Zürich,-60,,"a,b","say ""no""","two\r\nlines"\r\n',
  )
})

test("text that a spreadsheet would carry out is only text; numbers below zero stay numbers", () => {
  for (const formula of ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "＝1"]) {
    expect(csvRecord([formula])).toBe(`'${formula}\r\n`)
  }
  expect(csvRecord(['=HYPERLINK("http://evil.example","x")'])).toBe(`"'=HYPERLINK(""http://evil.example"",""x"")"\r\n`)
  expect(csvRecord([-1n, "a=b", "5 - 3"])).toBe("-1,a=b,5 - 3\r\n")
})
