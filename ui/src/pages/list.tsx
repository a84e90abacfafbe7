import { redirect } from "../layout.tsx"

interface PagesProps {
  path: string
  first: boolean
  nextPageToken: string
  /** How the start and the next page of the list are called; by default it begins with the newest. */
  words?: readonly [start: string, next: string]
}

/** Links between the pages of a list; the services page forward only, so the way back leads to the start. */
export function Pages({ path, first, nextPageToken, words = ["Newest", "Older"] }: PagesProps) {
  if (first && !nextPageToken) return null
  return (
    <nav class="pages" aria-label="Pages">
      {!first && (
        <a class="button secondary" href={path}>
          {words[0]}
        </a>
      )}
      {nextPageToken && (
        <a class="button secondary" href={`${path}?page_token=${encodeURIComponent(nextPageToken)}`}>
          {words[1]}
        </a>
      )}
    </nav>
  )
}

/** Sends somebody to the log-in page and, afterwards, back to where they wanted to go. */
export function logInFirst(request: Request): Response {
  const { pathname, search } = new URL(request.url)
  return redirect(`/login?next=${encodeURIComponent(pathname + search)}`)
}

/** A path of this site, whatever the address says; "/" for anything else. */
export function localPath(next: string): string {
  if (!/^\/(?![/\\])[^\s\\]*$/.test(next)) return "/"
  const url = URL.parse(next, "http://localhost")
  return url?.origin === "http://localhost" ? `${url.pathname}${url.search}` : "/"
}
