import { createLocalJWKSet, importJWK, type JSONWebKeySet, type JWK, jwtVerify, SignJWT } from "jose"
import { Failure } from "./errors.ts"

/** Who makes a call. It comes from the identity token alone, never from a field of the request. */
export type Caller =
  | { kind: "anonymous" }
  | { kind: "person"; userId: string; sessionId: string; staff: boolean }
  | { kind: "guest"; bookingId: string; sessionId: string }
  | { kind: "service"; name: ServiceCaller }

export type ServiceCaller = "backend" | "ui"

export const ANONYMOUS: Caller = { kind: "anonymous" }
export const IDENTITY_SECONDS = 300
const AUDIENCES = ["backend", "payment", "loyalty"]
const REMEMBERED_TOKENS = 10_000

/** The caller as one word, for stored answers and logs. */
export function subjectOf(caller: Caller): string {
  switch (caller.kind) {
    case "anonymous":
      return "anonymous"
    case "person":
      return `user:${caller.userId}`
    case "guest":
      return `booking:${caller.bookingId}`
    case "service":
      return `service:${caller.name}`
  }
}

export const isStaff = (caller: Caller): boolean => caller.kind === "person" && caller.staff

/** Signs identity tokens: EdDSA JWTs that live for five minutes. */
export interface Signer {
  sign(caller: Caller): Promise<string>
}

/** `name` becomes the key id, by which a verifier knows what the signer may say. */
export async function createSigner(name: ServiceCaller, privateKey: JWK): Promise<Signer> {
  const key = await importJWK(privateKey, "EdDSA")
  return {
    sign: (caller) =>
      new SignJWT(
        caller.kind === "person"
          ? { sid: caller.sessionId, staff: caller.staff }
          : caller.kind === "guest"
            ? { sid: caller.sessionId }
            : {},
      )
        .setProtectedHeader({ alg: "EdDSA", kid: name })
        .setSubject(subjectOf(caller))
        .setIssuer("airside")
        .setAudience(AUDIENCES)
        .setIssuedAt()
        .setExpirationTime(`${IDENTITY_SECONDS}s`)
        .sign(key),
  }
}

/** A process's own token, renewed a minute before it ends. */
export function ownIdentity(signer: Signer, name: ServiceCaller): () => Promise<string> {
  let token: Promise<string> | undefined
  let renewTime = 0
  return () => {
    if (!token || Date.now() >= renewTime) {
      renewTime = Date.now() + (IDENTITY_SECONDS - 60) * 1000
      token = signer.sign({ kind: "service", name })
    }
    return token
  }
}

export interface Verifier {
  /** The caller that a token speaks for. Throws UNAUTHENTICATED with reason IDENTITY_INVALID. */
  verify(token: string): Promise<Caller>
}

/** Verifies tokens meant for `audience`. Only backend's key may speak for people; ui's key speaks for ui alone. */
export function createVerifier(publicKeys: JSONWebKeySet, audience: string): Verifier {
  const keys = createLocalJWKSet(publicKeys)
  const remembered = new Map<string, { caller: Caller; expireTime: number }>()
  return {
    async verify(token) {
      const known = remembered.get(token)
      if (known && known.expireTime > Date.now()) return known.caller
      const { payload, protectedHeader } = await jwtVerify(token, keys, {
        audience,
        issuer: "airside",
        algorithms: ["EdDSA"],
        requiredClaims: ["exp"],
      }).catch(() => {
        throw identityInvalid()
      })
      const caller = callerFrom(payload.sub ?? "", protectedHeader.kid ?? "", payload)
      if (remembered.size >= REMEMBERED_TOKENS) remembered.clear()
      remembered.set(token, { caller, expireTime: (payload.exp ?? 0) * 1000 })
      return caller
    },
  }
}

function callerFrom(subject: string, signedBy: string, claims: Record<string, unknown>): Caller {
  const [kind, id = ""] = subject.split(":", 2)
  const sessionId = String(claims.sid ?? "")
  if (kind === "service" && id === signedBy && (id === "backend" || id === "ui")) return { kind: "service", name: id }
  if (signedBy === "backend" && kind === "user")
    return { kind: "person", userId: id, sessionId, staff: claims.staff === true }
  if (signedBy === "backend" && kind === "booking") return { kind: "guest", bookingId: id, sessionId }
  throw identityInvalid()
}

const identityInvalid = () =>
  new Failure(
    "UNAUTHENTICATED",
    "IDENTITY_INVALID",
    "The identity token is not valid or has expired; authenticate again.",
  )
