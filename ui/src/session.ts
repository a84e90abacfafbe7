import { Failure } from "@airside/kernel/errors"
import type { RequestOptions } from "@airside/kernel/rpc-client"
import type { User } from "@airside/protos/airside/accounts/v1/accounts"
import type { Clients } from "./clients.ts"
import { hasReason } from "./problems.ts"

const SESSION_COOKIE = "airside_session"
const GUEST_COOKIE = "airside_guest_"
const GUEST_SECONDS = 30 * 24 * 3600
/** A session that was ended elsewhere is refused here after this time at the latest. */
const CACHE_MILLISECONDS = 1000
const CACHED_TOKENS = 10_000

/** Who asks. Anonymous: all of it unset. */
export interface Identity {
  /** Identity token for the services, for RequestOptions: `{ token: identity.token }`. */
  token?: string
  /** Set when a person is logged in, not for a guest. */
  user?: User
  /** The opaque token that the client holds. */
  sessionToken?: string
  /** Set when the token opens one guest's booking. */
  bookingReference?: string
}

export interface Sessions {
  /**
   * Who makes the request: the bearer of `Authorization: Bearer`, or else the log-in cookie's person, or else, when a
   * reference is named, the guest whose cookie opens that booking. A cookie whose session has ended means anonymous;
   * a bearer token that has ended is refused with SESSION_ENDED, for its program believes to be somebody.
   */
  identityOf(request: Request, reference?: string): Promise<Identity>
  /**
   * Makes a call about one booking as whoever owns it: as the person logged in, and where there is none or the booking
   * is not theirs (BOOKING_NOT_FOUND), as the guest whose cookie opens it.
   * `await sessions.asOwnerOf(request, reference, (options) => clients.bookings.getBooking({ reference }, options))`
   */
  asOwnerOf<T>(request: Request, reference: string, call: (options: RequestOptions) => Promise<T>): Promise<T>
  /** Forgets a token at once: after log-out. */
  forget(sessionToken: string): void
  /** Values for `Set-Cookie`. */
  sessionCookie(accessToken: string, expireTime: Date): string
  endSessionCookie(): string
  guestCookie(reference: string, accessToken: string): string
}

/** `secure`: whether browsers reach us by https. */
export function createSessions(clients: Pick<Clients, "accounts">, { secure }: { secure: boolean }): Sessions {
  const cached = new Map<string, { identity: Promise<Identity>; expireTime: number }>()
  const attributes = `Path=/; HttpOnly; SameSite=Lax${secure ? "; Secure" : ""}`

  /** Rejects with SESSION_ENDED. */
  function authenticate(sessionToken: string): Promise<Identity> {
    const known = cached.get(sessionToken)
    if (known && known.expireTime > Date.now()) return known.identity
    const identity = clients.accounts.authenticate({ accessToken: sessionToken }).then((answer) => ({
      token: answer.identityToken,
      user: answer.user,
      sessionToken,
      bookingReference: answer.bookingReference || undefined,
    }))
    identity.catch(() => cached.delete(sessionToken))
    if (cached.size >= CACHED_TOKENS) cached.clear()
    cached.set(sessionToken, { identity, expireTime: Date.now() + CACHE_MILLISECONDS })
    return identity
  }

  async function fromCookie(sessionToken: string | undefined): Promise<Identity | undefined> {
    if (!sessionToken) return undefined
    try {
      return await authenticate(sessionToken)
    } catch (error) {
      if (error instanceof Failure && error.code === "UNAUTHENTICATED") return undefined
      throw error
    }
  }

  const personOf = (request: Request) => fromCookie(cookieOf(request, SESSION_COOKIE))
  const guestOf = (request: Request, reference: string) => fromCookie(cookieOf(request, guestCookieName(reference)))

  return {
    async identityOf(request, reference) {
      const bearer = bearerOf(request)
      if (bearer) return authenticate(bearer)
      return (await personOf(request)) ?? (reference ? await guestOf(request, reference) : undefined) ?? {}
    },
    async asOwnerOf(request, reference, call) {
      const bearer = bearerOf(request)
      if (bearer) return call({ token: (await authenticate(bearer)).token })
      const person = await personOf(request)
      if (!person) return call({ token: (await guestOf(request, reference))?.token })
      try {
        return await call({ token: person.token })
      } catch (error) {
        if (!hasReason(error, "BOOKING_NOT_FOUND")) throw error
        const guest = await guestOf(request, reference)
        if (!guest) throw error
        return call({ token: guest.token })
      }
    },
    forget(sessionToken) {
      cached.delete(sessionToken)
    },
    sessionCookie(accessToken, expireTime) {
      const seconds = Math.max(0, Math.floor((expireTime.getTime() - Date.now()) / 1000))
      return `${SESSION_COOKIE}=${accessToken}; Max-Age=${seconds}; ${attributes}`
    },
    endSessionCookie: () => `${SESSION_COOKIE}=; Max-Age=0; ${attributes}`,
    guestCookie: (reference, accessToken) =>
      `${guestCookieName(reference)}=${accessToken}; Max-Age=${GUEST_SECONDS}; ${attributes}`,
  }
}

/** The token of `Authorization: Bearer …`. */
export function bearerOf(request: Request): string | undefined {
  return /^Bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1]
}

function cookieOf(request: Request, name: string): string | undefined {
  for (const pair of (request.headers.get("cookie") ?? "").split(";")) {
    const at = pair.indexOf("=")
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim() || undefined
  }
  return undefined
}

/** Only letters and digits of a reference may become part of a header. */
const guestCookieName = (reference: string) => GUEST_COOKIE + reference.toUpperCase().replace(/[^A-Z0-9]/g, "")
