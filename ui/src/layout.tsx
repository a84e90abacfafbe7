import { raw } from "hono/html"
import type { Child } from "hono/jsx"
import { type FrameProps, frame } from "./frame.ts"
import { html, Markup } from "./html.ts"
import { lateBody } from "./late-body.ts"

/** A page that is written in jsx. */
export function Page({ children, ...props }: FrameProps & { children?: Child }) {
  const { before, after } = frame(props)
  return (
    <>
      {raw(before.text)}
      {children}
      {raw(after.text)}
    </>
  )
}

/** A page that is a template: one that is rendered often. */
export function page(props: FrameProps, content: Markup): Markup {
  const { before, after } = frame(props)
  return html`${before}${content}${after}`
}

/** A page or a fragment as an answer. Pages show what belongs to one person, so nobody in between may keep them. */
export async function respond(
  node: Markup | Child | Child[],
  status = 200,
  { cookies = [], headers = {} }: { cookies?: string[]; headers?: Record<string, string> } = {},
): Promise<Response> {
  const text = node instanceof Markup ? node.text : Array.isArray(node) ? node.join("") : (await rendered(node)).text
  const response = new Response(lateBody(text), {
    status,
    headers: { "content-type": "text/html; charset=utf-8", "cache-control": "no-store", ...headers },
  })
  for (const cookie of cookies) response.headers.append("set-cookie", cookie)
  return response
}

/** What is written in jsx, for a template. A component may be asynchronous: then so is the text of all around it. */
export const rendered = async (node: Child): Promise<Markup> => new Markup(String(await (await node)?.toString()))

/** 303: after a form was carried out, the browser fetches the page that shows it. */
export function redirect(location: string, cookies: string[] = []): Response {
  const response = new Response(null, { status: 303, headers: { location, "cache-control": "no-store" } })
  for (const cookie of cookies) response.headers.append("set-cookie", cookie)
  return response
}
