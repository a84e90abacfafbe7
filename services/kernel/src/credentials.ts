import { readFileSync } from "node:fs"
import { ChannelCredentials, ServerCredentials } from "@grpc/grpc-js"
import { ConfigError } from "./config.ts"

export interface TlsFiles {
  TLS_CERTIFICATE_FILE?: string
  TLS_KEY_FILE?: string
  TLS_AUTHORITY_FILE?: string
}

/** Who we are and whom we trust, for HTTP as Bun makes it. */
export interface TlsSecrets {
  ca: Buffer
  cert: Buffer
  key: Buffer
}

export type PeerCredentials = ChannelCredentials & { tls?: TlsSecrets }
export type OwnCredentials = ServerCredentials & { tls?: TlsSecrets }

/**
 * How processes speak to each other: mutual TLS when certificates are configured, plaintext on loopback otherwise. With
 * TLS, peers are addressed by the names in their certificates: an IP address is no TLS server name. Throws ConfigError.
 */
export function rpcCredentials(files: TlsFiles): { server: OwnCredentials; client: PeerCredentials } {
  const names = [files.TLS_CERTIFICATE_FILE, files.TLS_KEY_FILE, files.TLS_AUTHORITY_FILE]
  if (names.every((name) => name === undefined)) {
    return { server: ServerCredentials.createInsecure(), client: ChannelCredentials.createInsecure() }
  }
  const [certificate, key, authority] = names.map((name) => {
    if (!name)
      throw new ConfigError(
        "TLS_CERTIFICATE_FILE, TLS_KEY_FILE and TLS_AUTHORITY_FILE go together: set all three or none",
      )
    return readPem(name)
  })
  const tls = { ca: authority!, cert: certificate!, key: key! }
  const server = ServerCredentials.createSsl(authority!, [{ private_key: key!, cert_chain: certificate! }], true)
  const client = ChannelCredentials.createSsl(authority!, key!, certificate!)
  return { server: Object.assign(server, { tls }), client: Object.assign(client, { tls }) }
}

function readPem(name: string): Buffer {
  try {
    return readFileSync(name)
  } catch (error) {
    throw new ConfigError(`TLS file ${name} cannot be read: ${(error as Error).message}`)
  }
}
