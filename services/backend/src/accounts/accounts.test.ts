import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { newId } from "@airside/kernel/ids"
import { AccountServiceService } from "@airside/protos/airside/accounts/v1/accounts"
import { type BackendWorld, failing, newTraveller, reasons, startBackendWorld } from "../testing.ts"

let world: BackendWorld
beforeAll(async () => {
  world = await startBackendWorld()
})
afterAll(() => world.stop())

const grace = () => ({
  requestId: newId(),
  username: "Grace.Hopper",
  email: "grace@example.com",
  password: "COBOL-1959",
  firstName: "Grace",
  lastName: "Hopper",
})
const logIn = (username: string, password = "COBOL-1959") =>
  world.accounts.logIn({ requestId: newId(), username, password })

describe("registering and logging in", () => {
  test("one account a name and an e-mail address, whatever the case; the password is kept as argon2id", async () => {
    const { user, accessToken } = await world.accounts.register(grace())
    expect(user).toMatchObject({ username: "Grace.Hopper", staff: false })
    expect(accessToken.length).toBeGreaterThan(40)
    expect(
      await failing(world.accounts.register({ ...grace(), username: "GRACE.hopper", email: "g@example.com" })),
    ).toBe("USERNAME_TAKEN")
    expect(await failing(world.accounts.register({ ...grace(), username: "other", email: "GRACE@example.com" }))).toBe(
      "EMAIL_TAKEN",
    )
    const [row] = await world.sql`select password_hash as hash from users where username_key = 'grace.hopper'`
    expect(row!.hash).toStartWith("$argon2id$")
  })

  test("the same registration again is the same account with another session", async () => {
    const request = { ...grace(), username: "twice", email: "twice@example.com" }
    const [first, second] = await Promise.all([world.accounts.register(request), world.accounts.register(request)])
    expect(first.user!.id).toBe(second.user!.id)
    expect(first.accessToken).not.toBe(second.accessToken)
  })

  test("a stored answer does not tell who guesses the password that the guess is right", async () => {
    const request = { ...grace(), username: "sealed", email: "sealed@example.com" }
    await world.accounts.register(request)
    const encoded = AccountServiceService.register.requestSerialize(request)
    const plain = new Bun.CryptoHasher("sha256").update(encoded).digest()
    const [answer] = await world.sql<{ fingerprint: Uint8Array }[]>`
      select fingerprint from answers where request_id = ${request.requestId}`
    expect(Buffer.compare(answer!.fingerprint, plain)).not.toBe(0)
    expect(await failing(world.accounts.register({ ...request, password: "another one" }))).toBe("REQUEST_ID_REUSED")
  })

  test("by username or e-mail address; a wrong password and an unknown name sound the same", async () => {
    expect((await logIn("grace.hopper")).user!.username).toBe("Grace.Hopper")
    expect((await logIn("GRACE@example.com")).user!.username).toBe("Grace.Hopper")
    const outcomes = await Promise.allSettled([logIn("grace.hopper", "wrong"), logIn("nobody", "wrong")])
    expect(reasons(outcomes)).toEqual(["WRONG_CREDENTIALS", "WRONG_CREDENTIALS"])
  })

  test("ten wrong guesses, then it takes a while", async () => {
    for (let guess = 0; guess < 10; guess++)
      expect(await failing(logIn("guessed", `guess ${guess}`))).toBe("WRONG_CREDENTIALS")
    expect(await failing(logIn("guessed", "one more"))).toBe("TOO_MANY_ATTEMPTS")
  })

  test("every bad field is named at once", async () => {
    const bad = { ...grace(), username: "a b", email: "nobody", password: "short", firstName: "", lastName: "x\u0000" }
    const failure = await world.accounts.register(bad).catch((error) => error)
    expect(failure.fields.map(({ field }: { field: string }) => field)).toEqual([
      "username",
      "email",
      "password",
      "first_name",
      "last_name",
    ])
  })
})

describe("sessions", () => {
  test("the database holds no token, only its hash", async () => {
    const { accessToken } = await logIn("grace.hopper")
    const rows = await world.sql`select 1 from sessions where id = ${accessToken}`
    expect(rows).toHaveLength(0)
    expect((await world.accounts.authenticate({ accessToken })).user!.username).toBe("Grace.Hopper")
  })

  test("a session that was ended, one that ran out and a made-up one are SESSION_ENDED", async () => {
    const out = await logIn("grace.hopper")
    const { identityToken } = await world.accounts.authenticate({ accessToken: out.accessToken })
    await world.accounts.logOut({ requestId: newId() }, { token: identityToken })
    const old = await newTraveller(world)
    await world.sql`update sessions set expires_at = now() - interval '1 second' where user_id = ${old.userId}`
    const tokens = [out.accessToken, old.accessToken, "made up", ""]
    const outcomes = await Promise.allSettled(tokens.map((accessToken) => world.accounts.authenticate({ accessToken })))
    expect(new Set(reasons(outcomes))).toEqual(new Set(["SESSION_ENDED"]))
  })

  test("sessions are listed page by page and can be ended, but not somebody else's", async () => {
    const ada = await newTraveller(world)
    const other = await newTraveller(world)
    const token = { token: ada.token }
    const [name] = await world.sql`select username from users where id = ${ada.userId}`
    await world.accounts.logIn({ requestId: newId(), username: name!.username, password: "correct horse" })
    const first = await world.accounts.listSessions({ pageSize: 1, pageToken: "" }, token)
    const second = await world.accounts.listSessions({ pageSize: 1, pageToken: first.nextPageToken }, token)
    expect(second.nextPageToken).toBe("")
    expect([...first.sessions, ...second.sessions].map((session) => session.current)).toEqual([false, true])
    const theirs = (await world.accounts.listSessions({ pageSize: 1, pageToken: "" }, { token: other.token }))
      .sessions[0]!.id
    const revoke = (sessionId: string) => world.accounts.revokeSession({ requestId: newId(), sessionId }, token)
    expect(await failing(revoke(theirs))).toBe("SESSION_NOT_FOUND")
    await revoke(first.sessions[0]!.id)
    expect((await world.accounts.listSessions({ pageSize: 10, pageToken: "" }, token)).sessions).toHaveLength(1)
    expect(await failing(world.accounts.listSessions({ pageSize: 1, pageToken: "rubbish" }, token))).toBe(
      "INVALID_REQUEST",
    )
  })

  test("a new password ends the other sessions and lets nobody in with the old one", async () => {
    const { accessToken } = await logIn("grace.hopper")
    const elsewhere = await logIn("grace.hopper")
    const { identityToken: token } = await world.accounts.authenticate({ accessToken })
    const change = (currentPassword: string) =>
      world.accounts.changePassword({ requestId: newId(), currentPassword, newPassword: "FLOW-MATIC" }, { token })
    expect(await failing(change("wrong"))).toBe("WRONG_PASSWORD")
    await change("COBOL-1959")
    expect(await failing(world.accounts.authenticate({ accessToken: elsewhere.accessToken }))).toBe("SESSION_ENDED")
    expect((await world.accounts.authenticate({ accessToken })).user!.username).toBe("Grace.Hopper")
    expect(await failing(logIn("grace.hopper"))).toBe("WRONG_CREDENTIALS")
  })

  test("names and e-mail address can be changed, but not to somebody else's address", async () => {
    const ada = await newTraveller(world)
    const update = (part: object) =>
      world.accounts.updateAccount(
        { requestId: newId(), email: undefined, firstName: undefined, lastName: undefined, ...part },
        { token: ada.token },
      )
    expect((await update({ firstName: "Augusta" })).user).toMatchObject({ firstName: "Augusta", lastName: "Lovelace" })
    expect(await failing(update({ email: "Grace@example.com" }))).toBe("EMAIL_TAKEN")
    expect(await failing(update({ email: "" }))).toBe("INVALID_REQUEST")
  })
})

test("a guest's token opens its own booking's doors only", async () => {
  expect(await failing(world.accounts.getAccount({}, {}))).toBe("LOG_IN_REQUIRED")
  expect(await failing(world.accounts.getAccount({}, { token: "rubbish" }))).toBe("IDENTITY_INVALID")
})
