import { readFileSync } from "node:fs"
import { connect } from "node:http2"

export type Tls = { certificateFile: string; keyFile: string; authorityFile: string }

/** Whether an HTTP page answers 200. */
export async function httpIsHealthy(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2000), redirect: "manual" })
    await response.body?.cancel()
    return response.status === 200
  } catch {
    return false
  }
}

/**
 * Whether grpc.health.v1.Health/Check answers SERVING for the whole server. The call is written out, for the launcher
 * stays small: an empty message is five zero bytes, and SERVING is field 1 with the value 1.
 */
export async function grpcIsServing(address: string, tls?: Tls): Promise<boolean> {
  const secrets = tls && {
    cert: readFileSync(tls.certificateFile),
    key: readFileSync(tls.keyFile),
    ca: readFileSync(tls.authorityFile),
  }
  const session = connect(`${tls ? "https" : "http"}://${address}`, secrets)
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const deadline = setTimeout(() => resolve(false), 2000)
  session.on("error", () => resolve(false))
  const call = session.request({
    ":method": "POST",
    ":path": "/grpc.health.v1.Health/Check",
    "content-type": "application/grpc",
    te: "trailers",
  })
  const chunks: Buffer[] = []
  call.on("error", () => resolve(false))
  call.on("data", (chunk: Buffer) => chunks.push(chunk))
  call.on("end", () => resolve(Buffer.concat(chunks).equals(Buffer.from([0, 0, 0, 0, 2, 8, 1]))))
  call.end(Buffer.alloc(5))
  const serving = await promise
  clearTimeout(deadline)
  session.destroy()
  return serving
}
