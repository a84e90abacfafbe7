import { join } from "node:path"
import { startLimit } from "../limits/start-limit.ts"
import { loadPages } from "../load-pages.ts"
import type { Measurement } from "../measurement.ts"
import { connectFlights, pagePath, popularQuery, search } from "../searches.ts"

const LEAST_SHARE = 0.5

/** A popular route and day as HTML, against (a). */
export const hotSearch: Measurement = {
  name: "hot-search",
  async prepare(bench) {
    const product = await bench.product()
    const query = await popularQuery(product)
    const path = pagePath(query)
    const page = await fetchPage(product.uiUrl + path)
    const flights = connectFlights(product.backendAddress)
    const [segment] = (await search(flights, query)).slices[0]!.segments
    flights.close()
    const text = new TextDecoder().decode(page.bytes)
    if (!segment || !text.includes(segment.flightNumber)) throw new Error(`${path} shows no flight`)
    bench.say(`hot-search: ${path}, ${page.bytes.length} bytes`)

    const file = join(bench.folder, "page.html")
    await Bun.write(file, page.bytes)
    const limit = await startLimit(bench, "page-server.ts", file, page.type)
    const measure = async (url: string, seconds: number) =>
      (await loadPages(bench, { url, paths: [path], seconds })).perSecond
    return {
      parts: [
        async ({ seconds }) => ({ hotPages: await measure(product.uiUrl, seconds) }),
        async ({ seconds }) => ({ sameBytes: await measure(`http://127.0.0.1:${limit.port}`, seconds) }),
      ],
      rows({ hotPages, sameBytes }) {
        const ratio = hotPages! / sameBytes!
        return [
          {
            name: "hot search page",
            figure: hotPages!,
            unit: "pages/s",
            limit: { name: "(a) same bytes", figure: sameBytes! },
            ratio,
            target: `at least ${LEAST_SHARE} of (a)`,
            met: ratio >= LEAST_SHARE,
          },
        ]
      },
      stop: limit.stop,
    }
  },
}

/** A page as it is served, with its bytes. Throws when it is no page but an error or somewhere else. */
export async function fetchPage(url: string): Promise<{ bytes: Uint8Array; type: string }> {
  const response = await fetch(url, { redirect: "manual" })
  if (response.status !== 200) throw new Error(`${url} answers ${response.status} ${response.headers.get("location")}`)
  return { bytes: await response.bytes(), type: response.headers.get("content-type") ?? "" }
}
