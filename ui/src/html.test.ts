import { expect, test } from "bun:test"
import { html, inOnePiece, type Markup, prepared } from "./html.ts"

test("text is escaped, markup is not, and what is not there leaves nothing", () => {
  const name = `<i title="x">Tom & 'Co'</i>`
  const list = ["a", "<b>"].map((each) => html`<li>${each}</li>`)
  expect(html`<p title="${name}">${name}${false}${undefined}${0}</p><ul>${list}</ul>`.text).toBe(
    `<p title="${ESCAPED}">${ESCAPED}0</p><ul><li>a</li><li>&lt;b&gt;</li></ul>`,
  )
})

test("a template may be written over several lines: breaks and indentation are not sent", () => {
  const words = "two\n  lines"
  expect(
    html`
      <p>
        ${words} and <b>more</b>
      </p>`.text,
  ).toBe(`<p>${words} and <b>more</b></p>`)
})

test("what a template says beyond ASCII is sent as references, what others say as it is", () => {
  expect(html`${"Zürich"} – ${"Łódź"} · ✈ 𝕏`.text).toBe("Zürich &#8211; Łódź &#183; &#9992; &#120143;")
})

test("in one piece, markup says what it said", () => {
  expect(inOnePiece(html`<b>${"a & b"}</b>`).text).toBe("<b>a &amp; b</b>")
  expect(inOnePiece(html`${undefined}`).text).toBe("")
})

test("a prepared template says what the template says, and is filled anew each time", () => {
  const link = prepared<[string, string | Markup]>(
    (to, words) => html`<a class="${"a & b"}" href="/${to}">${words}</a>`,
  )
  expect(link("x&y", "<i>").text).toBe(`<a class="a &amp; b" href="/x&amp;y">&lt;i&gt;</a>`)
  expect(link("z", html`<i>Zürich</i>`).text).toBe(`<a class="a &amp; b" href="/z"><i>Z&#252;rich</i></a>`)
})

test("a prepared template has each of its values once, in their order", () => {
  expect(() => prepared<[string]>((one) => html`${one}${one}`)).toThrow("0,0")
  expect(() => prepared<[string]>((_one) => html`<b></b>`)).toThrow()
  expect(() => prepared<[string, string]>((one, other) => html`${other}${one}`)).toThrow("1,0")
  expect(() => prepared<[string, string]>((one, _other) => html`${one}${one}`)).toThrow("0,0")
})

const ESCAPED = "&lt;i title=&quot;x&quot;&gt;Tom &amp; &#x27;Co&#x27;&lt;/i&gt;"
