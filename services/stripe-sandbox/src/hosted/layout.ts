/** The frame of the hosted pages: one column, own style, light and dark, nothing loaded from anywhere. */
import { type Html, html, Html as Markup } from "./html.ts"

const STYLE = `
:root { color-scheme: light dark; --back: #f4f5f7; --card: #fff; --text: #1c2430; --faint: #5b6675; --line: #cfd6df;
  --accent: #3f4bd8; --on-accent: #fff; --bad: #b3261e; --bad-back: #fdecea; --note: #fff4d6; --note-text: #5c4400; }
@media (prefers-color-scheme: dark) { :root { --back: #12161c; --card: #1b212a; --text: #e8ecf1; --faint: #9aa7b6;
  --line: #3a4553; --accent: #8e98ff; --on-accent: #10131f; --bad: #ffb4ab; --bad-back: #40201e; --note: #3b3218;
  --note-text: #f3dfa4; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 30rem; margin: 0 auto; padding: 1rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 1.25rem; margin: 1rem 0; }
h1 { font-size: 1.1rem; font-weight: 500; color: var(--faint); margin: 0; }
.amount { font-size: 2rem; font-weight: 650; margin: 0 0 .5rem; font-variant-numeric: tabular-nums; }
dl { margin: 0; } dl > div { display: flex; justify-content: space-between; gap: 1rem; padding: .35rem 0;
  border-top: 1px solid var(--line); }
dt { overflow-wrap: anywhere; } dd { margin: 0; white-space: nowrap; font-variant-numeric: tabular-nums; }
label { display: block; margin: .75rem 0 .25rem; font-weight: 550; font-size: .9rem; }
input { width: 100%; padding: .65rem .75rem; font: inherit; color: inherit; background: transparent;
  border: 1px solid var(--line); border-radius: 8px; }
input[aria-invalid] { border-color: var(--bad); }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: .75rem; }
button { width: 100%; margin-top: 1.25rem; padding: .8rem; font: inherit; font-weight: 600; border-radius: 8px;
  border: 1px solid var(--accent); background: var(--accent); color: var(--on-accent); cursor: pointer; }
button.plain { background: transparent; color: inherit; border-color: var(--line); margin-top: .75rem; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.error { color: var(--bad); background: var(--bad-back); border-radius: 8px; padding: .65rem .75rem; margin: .75rem 0; }
.field-error { color: var(--bad); font-size: .9rem; margin: .25rem 0 0; }
.test { background: var(--note); color: var(--note-text); border-radius: 12px; padding: .75rem 1rem; font-size: .9rem; }
.test summary { cursor: pointer; font-weight: 600; } .test code { white-space: nowrap; }
.test ul { margin: .5rem 0 0; padding: 0; list-style: none; }
.test li { display: flex; justify-content: space-between; gap: 0 1rem; flex-wrap: wrap; padding: .15rem 0; }
a { color: var(--accent); } header { display: flex; justify-content: space-between;
  align-items: center; gap: 1rem; min-height: 2rem; }
.badge { background: var(--note); color: var(--note-text); border-radius: 99px; padding: .1rem .75rem; font-size: .8rem;
  font-weight: 600; margin-left: auto; }
`

const STYLE_HASH = new Bun.CryptoHasher("sha256").update(STYLE).digest("base64")

/** A whole page as an answer. Nothing in it runs, and no other page may frame it. */
export function page(status: number, title: string, content: Html): Response {
  const document = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${new Markup(STYLE)}</style>
</head>
<body><main>${content}</main></body>
</html>
`
  return new Response(document.text, {
    status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      "content-security-policy": `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; img-src data:; base-uri 'none'; frame-ancestors 'none'`,
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
    },
  })
}

/** A page that says one thing and leads on. */
export function notice(
  status: number,
  title: string,
  text: string,
  link?: { href: string; label: string } | null,
): Response {
  const onward = link && html`<p><a href="${link.href}">${link.label}</a></p>`
  return page(status, title, html`<section class="card"><h1>${title}</h1><p>${text}</p>${onward}</section>`)
}

/** 303: the browser goes on with a GET. */
export function seeOther(location: string): Response {
  return new Response(null, { status: 303, headers: { location, "cache-control": "no-store" } })
}
