/** `expand[]`: ids in an answer are replaced by their objects. https://docs.stripe.com/api/expanding_objects */
import { invalidRequest } from "./errors.ts"
import type { Form } from "./form.ts"
import { list, text } from "./parameters.ts"
import type { Call } from "./sandbox.ts"
import type { AnyObject, Kind } from "./store.ts"

export type Expansions = string[][]

/** For each kind of object the fields that hold an id, and what that id names. */
const EXPANDABLE: Partial<Record<string, Record<string, Kind>>> = {
  payment_intent: { customer: "customer", payment_method: "payment_method", latest_charge: "charge" },
  setup_intent: { customer: "customer", payment_method: "payment_method" },
  payment_method: { customer: "customer" },
  charge: { customer: "customer", payment_intent: "payment_intent" },
  refund: { charge: "charge", payment_intent: "payment_intent" },
  dispute: { charge: "charge", payment_intent: "payment_intent" },
  "checkout.session": { customer: "customer", payment_intent: "payment_intent" },
}

const MOST_LEVELS = 4

/** Takes `expand` out of the form, as paths. */
export function takeExpansions(form: Form): Expansions {
  if (form.expand === undefined) return []
  const paths = list(text)(form.expand, "expand").map((path) => path.split("."))
  delete form.expand
  const tooDeep = paths.find((path) => path.length > MOST_LEVELS)
  if (tooDeep) throw invalidRequest("You cannot expand more than 4 levels of a property.", { param: "expand" })
  return paths
}

export function expand(call: Call, answer: object, paths: Expansions): object {
  return paths.reduce((expanded, path) => expandPath(call, expanded as Fields, path), answer)
}

type Fields = Record<string, unknown>

function expandPath(call: Call, object: Fields, path: string[]): Fields {
  const [field, ...rest] = path
  if (field === undefined) return object
  if (object.object === "list" && field === "data") {
    return { ...object, data: (object.data as Fields[]).map((item) => expandPath(call, item, rest)) }
  }
  const included = INCLUDABLE[`${object.object}.${field}`]
  if (included) return { ...object, [field]: included(call, object.id as string) }
  const kind = EXPANDABLE[String(object.object)]?.[field]
  if (!kind) {
    const message = `This property cannot be expanded (${field}).`
    throw invalidRequest(message, { param: "expand" })
  }
  const value = typeof object[field] === "string" ? call.store.find(kind, object[field])?.object : object[field]
  if (!value) return { ...object, [field]: null }
  return { ...object, [field]: expandPath(call, value as unknown as Fields, rest) }
}

/** Lists that an object has and shows only when asked to. */
const INCLUDABLE: Record<string, (call: Call, id: string) => object> = {
  "checkout.session.line_items": (call, id) => {
    const data = call.store.find("checkout.session", id)?.hidden.lineItems ?? []
    return { object: "list", data, has_more: false, url: `/v1/checkout/sessions/${id}/line_items` }
  },
  "charge.refunds": (call, id) => {
    const data = call.store.sqlite
      .query<{ body: string }, [string]>(
        `select refund.body
         from objects as charge
         join objects as refund on refund.payment_intent = charge.payment_intent and refund.kind = 'refund'
         where charge.id = ?
         order by refund.sequence desc`,
      )
      .all(id)
      .map(({ body }) => JSON.parse(body) as AnyObject)
    return { object: "list", data, has_more: false, url: `/v1/charges/${id}/refunds` }
  },
}
