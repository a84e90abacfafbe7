import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import { join } from "node:path"

/** What a first start makes up, so that nobody has to invent a secret to try Airside. Settings take precedence. */
export type Keys = {
  backendPrivateKey: JsonWebKey
  uiPrivateKey: JsonWebKey
  offerKey: string
  webhookSecret: string
  sandboxSecretKey: string
  backendDatabasePassword: string
  paymentDatabasePassword: string
  loyaltyDatabasePassword: string
}

/** Reads DATA_DIR/keys.json (mode 0600) and adds what it lacks. The caller holds the data folder's lock. */
export async function loadKeys(dataDir: string): Promise<Keys> {
  const path = keysPath(dataDir)
  const kept = existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Partial<Keys>) : {}
  const keys: Keys = {
    backendPrivateKey: kept.backendPrivateKey ?? (await signingKey("backend")),
    uiPrivateKey: kept.uiPrivateKey ?? (await signingKey("ui")),
    offerKey: kept.offerKey ?? random(32),
    webhookSecret: kept.webhookSecret ?? `whsec_${random(24)}`,
    sandboxSecretKey: kept.sandboxSecretKey ?? `sk_test_sandbox_${random(16)}`,
    backendDatabasePassword: kept.backendDatabasePassword ?? random(18),
    paymentDatabasePassword: kept.paymentDatabasePassword ?? random(18),
    loyaltyDatabasePassword: kept.loyaltyDatabasePassword ?? random(18),
  }
  if (Object.keys(keys).some((name) => !(name in kept))) {
    writeFileSync(`${path}.new`, `${JSON.stringify(keys, null, 2)}\n`, { mode: 0o600 })
    renameSync(`${path}.new`, path)
  }
  chmodSync(path, 0o600)
  return keys
}

export const keysPath = (dataDir: string) => join(dataDir, "keys.json")

/** The public half, as a peer verifies with it. */
export function publicKey({ d: _private, ...key }: JsonWebKey): JsonWebKey {
  return key
}

/** An Ed25519 key pair as a JWK whose `kid` is the service that signs with it. */
async function signingKey(service: string): Promise<JsonWebKey> {
  const pair = (await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"])) as CryptoKeyPair
  const { kty, crv, x, d } = await crypto.subtle.exportKey("jwk", pair.privateKey)
  return { kty, crv, x, d, alg: "EdDSA", use: "sig", kid: service } as JsonWebKey
}

/** Letters and digits, and - and _: fit for a URL. */
const random = (bytes: number) => Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString("base64url")
