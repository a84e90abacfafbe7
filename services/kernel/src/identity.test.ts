import { expect, test } from "bun:test"
import { exportJWK, generateKeyPair, importJWK, type JWTHeaderParameters, SignJWT } from "jose"
import { failureOf, identities } from "../test/probe.ts"
import { type Caller, createSigner, ownIdentity, type ServiceCaller } from "./identity.ts"
import { newId } from "./ids.ts"

const verifier = identities.verifier("payment")
const INVALID = { code: "UNAUTHENTICATED", reason: "IDENTITY_INVALID" }
const PERSON: Caller = { kind: "person", userId: newId(), sessionId: "session", staff: false }

/** A token by hand: everything right but what the test changes. */
async function forge(
  {
    header = {},
    subject = `user:${newId()}`,
    audience = ["payment"],
    issuer = "airside",
    end = "5m",
  }: { header?: object; subject?: string; audience?: string[]; issuer?: string; end?: string | number | null } = {},
  signedWith: ServiceCaller = "backend",
) {
  const token = new SignJWT({ sid: "s", staff: true })
    .setProtectedHeader({ alg: "EdDSA", kid: signedWith, ...header } as JWTHeaderParameters)
    .setSubject(subject)
    .setAudience(audience)
    .setIssuer(issuer)
  if (end !== null) token.setExpirationTime(end)
  return token.sign(await importJWK(identities.privateKeys[signedWith], "EdDSA"))
}

const unsigned = (header: object, payload: object) =>
  [header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".")

test("every kind of caller comes back as it was signed", async () => {
  const callers: Caller[] = [
    PERSON,
    { ...PERSON, staff: true },
    { kind: "guest", bookingId: newId(), sessionId: "guest session" },
    { kind: "service", name: "backend" },
    { kind: "service", name: "ui" },
  ]
  for (const caller of callers) {
    const token = await identities.tokenOf(caller)
    expect(await verifier.verify(token)).toEqual(caller)
    expect(await verifier.verify(token)).toEqual(caller)
  }
})

test("ui's key speaks for ui alone", async () => {
  for (const subject of [`user:${newId()}`, `booking:${newId()}`, "service:backend", "service:payment", "", "user"]) {
    expect(await failureOf(verifier.verify(await forge({ subject }, "ui")))).toMatchObject(INVALID)
    expect(await failureOf(verifier.verify(await forge({ subject, header: { kid: "backend" } }, "ui")))).toMatchObject(
      INVALID,
    )
  }
  expect(await failureOf(verifier.verify(await forge({ subject: "service:ui" }, "backend")))).toMatchObject(INVALID)
})

test("the forged token is right but for what the tests below change", async () => {
  expect(await verifier.verify(await forge())).toMatchObject({ kind: "person", staff: true })
})

const secondsAgo = (seconds: number) => Math.floor(Date.now() / 1000) - seconds
const WRONG: [string, Parameters<typeof forge>[0]][] = [
  ["for another audience", { audience: ["loyalty"] }],
  ["of another issuer", { issuer: "elsewhere" }],
  ["that has expired", { end: secondsAgo(1) }],
  ["that never expires", { end: null }],
  ["of an unknown key", { header: { kid: "nobody" } }],
  ["for an unknown service", { subject: "service:payment" }],
]
for (const [what, change] of WRONG) {
  test(`a token ${what} is refused`, async () => {
    expect(await failureOf(verifier.verify(await forge(change)))).toMatchObject(INVALID)
  })
}

test("a token without signature, with a shared secret or with somebody else's key is refused", async () => {
  const payload = { sub: `user:${newId()}`, aud: ["payment"], iss: "airside", exp: secondsAgo(-300) }
  const publicKey = Buffer.from(identities.privateKeys.backend.x!, "base64url")
  const stranger = await createSigner(
    "backend",
    await exportJWK((await generateKeyPair("EdDSA", { extractable: true })).privateKey),
  )
  const signed = (await forge()).split(".")
  for (const token of [
    `${unsigned({ alg: "none", kid: "backend" }, payload)}.`,
    await new SignJWT(payload).setProtectedHeader({ alg: "HS256", kid: "backend" }).sign(publicKey),
    await stranger.sign(PERSON),
    `${signed[0]}.${Buffer.from(JSON.stringify(payload)).toString("base64url")}.${signed[2]}`,
    "",
    "x",
  ]) {
    expect(await failureOf(verifier.verify(token))).toMatchObject(INVALID)
  }
})

test("a token that was good is refused once it has expired", async () => {
  const token = await forge({ end: Math.floor(Date.now() / 1000) + 1 })
  const outcomes: unknown[] = []
  for (let tries = 0; tries < 100 && outcomes.at(-1) !== "IDENTITY_INVALID"; tries++) {
    outcomes.push(
      await verifier.verify(token).then(
        () => "good",
        (error) => error.reason,
      ),
    )
    await Bun.sleep(25)
  }
  expect(outcomes[0]).toBe("good")
  expect(outcomes.at(-1)).toBe("IDENTITY_INVALID")
})

test("a process signs its own token once, not for every call", async () => {
  const own = ownIdentity(identities.ui, "ui")
  expect(await own()).toBe(await own())
  expect(await verifier.verify(await own())).toEqual({ kind: "service", name: "ui" })
})
