import type { MethodDefinition } from "@grpc/grpc-js"
import { exportJWK, generateKeyPair, type JWK } from "jose"
import pino from "pino"
import { rpcCredentials } from "../src/credentials.ts"
import { type Caller, createSigner, createVerifier, type ServiceCaller, type Signer } from "../src/identity.ts"
import type { Log } from "../src/log.ts"
import { type ConnectOptions, connect } from "../src/rpc-client.ts"
import {
  type Call,
  type Operations,
  type RpcServer,
  type RpcServerOptions,
  service,
  startRpcServer,
} from "../src/rpc-server.ts"

export interface ProbeRequest {
  requestId: string
  text: string
}
export interface ProbeResponse {
  text: string
}

const method = (path: string): MethodDefinition<ProbeRequest, ProbeResponse> => ({
  path,
  requestStream: false,
  responseStream: false,
  requestSerialize: (value) => Buffer.from(JSON.stringify(value)),
  requestDeserialize: (bytes) => JSON.parse(bytes.toString()),
  responseSerialize: (value) => Buffer.from(JSON.stringify(value)),
  responseDeserialize: (bytes) => JSON.parse(bytes.toString()),
})

/** A service without protos of its own, under names that `allow` knows: anybody may `act`, its owner may `look`. */
export const ProbeService = {
  act: method("/airside.bookings.v1.BookingService/HoldBooking"),
  look: method("/airside.bookings.v1.BookingService/GetBooking"),
}

export type ProbeOperations<Context> = Operations<typeof ProbeService, Context>
export type ProbeContext = { call: Call }

const nothing = async (): Promise<ProbeResponse> => ({ text: "" })
const PLAIN = rpcCredentials({})

/** A real server of it on ports of its own; `lines` is what it logged. */
export async function startProbe<Context>(
  context: Context,
  operations: Partial<ProbeOperations<Context>>,
  options: Partial<RpcServerOptions<Context>> = {},
): Promise<RpcServer & { address: string; webAddress: string; lines: string[] }> {
  const lines: string[] = []
  const log: Log = pino({ level: "debug" }, { write: (line: string) => void lines.push(line) })
  const server = await startRpcServer<Context>({
    host: "127.0.0.1",
    port: 0,
    webPort: 0,
    credentials: PLAIN.server,
    verifier: identities.verifier("backend"),
    log,
    context,
    services: [service<typeof ProbeService, Context>(ProbeService, { act: nothing, look: nothing, ...operations })],
    checkDependencies: async () => {},
    ...options,
  })
  const host = "127.0.0.1"
  return { ...server, address: `${host}:${server.port}`, webAddress: `http://${host}:${server.webPort}`, lines }
}

export const connectProbe = (address: string, options: Partial<ConnectOptions> = {}) =>
  connect(ProbeService, address, { credentials: PLAIN.client, deadlineSeconds: 10, ...options })

/**
 * What a call was refused with. Not `expect(…).rejects`: it waits inside of the event that it was called from, and when
 * that is one of HTTP/2, client and server of this process wait for each other.
 */
export const failureOf = (outcome: Promise<unknown>): Promise<unknown> =>
  outcome.then(
    () => "no failure",
    (error) => error,
  )

/** Keys of backend and ui, as the launcher would make them. */
export interface Identities {
  backend: Signer
  ui: Signer
  privateKeys: Record<ServiceCaller, JWK>
  verifier(audience: string): ReturnType<typeof createVerifier>
  tokenOf(caller: Caller): Promise<string>
}

export const identities: Identities = await createIdentities()

async function createIdentities(): Promise<Identities> {
  const create = async (kid: ServiceCaller) => {
    const pair = await generateKeyPair("EdDSA", { extractable: true })
    return {
      private: await exportJWK(pair.privateKey),
      public: { ...(await exportJWK(pair.publicKey)), kid, alg: "EdDSA" },
    }
  }
  const keys = { backend: await create("backend"), ui: await create("ui") }
  const backend = await createSigner("backend", keys.backend.private)
  const ui = await createSigner("ui", keys.ui.private)
  return {
    backend,
    ui,
    privateKeys: { backend: keys.backend.private, ui: keys.ui.private },
    verifier: (audience) => createVerifier({ keys: [keys.backend.public, keys.ui.public] }, audience),
    tokenOf: (caller) => (caller.kind === "service" && caller.name === "ui" ? ui : backend).sign(caller),
  }
}
