import type { FieldProblem } from "@airside/kernel/errors"
import { Gender, type Passenger, PassengerType } from "@airside/protos/airside/bookings/v1/bookings"
import { Elysia } from "elysia"
import type { UiContext } from "../context.ts"
import { Page, redirect, respond } from "../layout.tsx"
import { ErrorSummary, Hidden, Input, RequestId, readForm, Select, text } from "./form.tsx"
import { offersGone } from "./offers-gone.tsx"
import { unnamedPassengers } from "./search-query.ts"
import {
  extrasFields,
  isAboutOffers,
  type Quote,
  quoteSelection,
  RenewedNotice,
  type Selection,
  SelectionSummary,
  selectionFields,
  selectionFrom,
  timesFields,
} from "./selection.tsx"

export const PASSENGER_WORDS: Record<PassengerType, string> = {
  [PassengerType.UNSPECIFIED]: "Passenger",
  [PassengerType.ADULT]: "Adult",
  [PassengerType.CHILD]: "Child",
  [PassengerType.INFANT]: "Infant",
}

const GENDERS = [
  ["unspecified", "Not stated"],
  ["female", "Female"],
  ["male", "Male"],
] as const

/** Who flies. GET is the first look; POST comes back from the review with everything that was typed. */
export const passengersPage = (context: UiContext) =>
  new Elysia()
    .get("/book", async ({ request }) => {
      const selection = selectionFrom(new URL(request.url).searchParams)
      if (selection.tokens.length === 0) return redirect("/")
      return showPassengers(context, request, selection, await prefilled(context, request))
    })
    .post(
      "/book/passengers",
      async ({ request }) => {
        const form = await readForm(request)
        return showPassengers(context, request, selectionFrom(form), form)
      },
      { parse: "none" },
    )

/** The form with values and what was wrong with them. */
export async function showPassengers(
  context: UiContext,
  request: Request,
  asked: Selection,
  form: URLSearchParams,
  problems: readonly FieldProblem[] = [],
): Promise<Response> {
  const { user, token } = await context.sessions.identityOf(request)
  const passengers = unnamedPassengers(asked.search)
  const order = { passengers, promoCode: "", points: 0n }
  let quote: Quote
  try {
    quote = await quoteSelection(context, asked, order, token)
  } catch (error) {
    if (!isAboutOffers(error)) throw error
    return offersGone(context, request, { selection: asked, form, order, action: "/book/passengers" }, error)
  }
  const { selection, price, slices } = quote
  return respond(
    <Page title="Passengers" user={user} step="Passengers">
      <div class="page-head">
        <div>
          <h1>Who is flying?</h1>
          <p>Names as they stand in the passport or identity card.</p>
        </div>
      </div>
      {quote.renewed && <RenewedNotice />}
      <ErrorSummary problems={problems} />
      <div class="two-columns">
        <form method="post" action="/book/review">
          <Hidden values={[...selectionFields(selection), ...timesFields(slices), ...extrasFields(form)]} />
          {/* Carried on to the review, so that whoever comes back to it by whatever way holds the same booking. */}
          <RequestId value={text(form, "request_id")} />
          {passengers.map(({ type }, index) => (
            <PassengerFields index={index} title={titleOf(passengers, index)} type={type} {...{ form, problems }} />
          ))}
          <fieldset class="card">
            <legend class="card-title">Contact</legend>
            {!user && (
              <p class="hint sign-in-hint">
                Have an account? <a href={logInUrl(selection)}>Log in</a> to earn points on this trip.
              </p>
            )}
            <div class="fields two">
              <Input
                name="contact.email"
                label="E-mail"
                type="email"
                autocomplete="email"
                hint="For the receipt, and in case something about your flight changes."
                value={text(form, "contact.email")}
                problems={problems}
              />
              <Input
                name="contact.phone"
                label="Phone"
                type="tel"
                autocomplete="tel"
                optional={true}
                value={text(form, "contact.phone")}
                problems={problems}
              />
            </div>
          </fieldset>
          <div class="actions">
            <button class="button large" type="submit">
              Review your booking
            </button>
          </div>
        </form>
        <aside>
          <SelectionSummary context={context} search={selection.search} slices={slices} price={price} />
        </aside>
      </div>
    </Page>,
    problems.length > 0 ? 422 : 200,
  )
}

/** The passengers of a submitted form, in the order and of the types that were searched for. */
export function passengersFrom(form: URLSearchParams, selection: Selection): Passenger[] {
  return unnamedPassengers(selection.search).map(({ type }, index) => {
    const value = (name: string) => text(form, `passengers[${index}].${name}`)
    const gender = { female: Gender.FEMALE, male: Gender.MALE }[value("gender")] ?? Gender.UNSPECIFIED
    return {
      id: "",
      type,
      givenName: value("given_name"),
      familyName: value("family_name"),
      birthDate: value("birth_date"),
      gender,
    }
  })
}

/** What nobody can leave out; everything else is judged by backend. */
export function missingFields(form: URLSearchParams, passengers: readonly Passenger[]): FieldProblem[] {
  const problems: FieldProblem[] = []
  for (const [index, passenger] of passengers.entries()) {
    const missing = (field: string, message: string) =>
      problems.push({ field: `passengers[${index}].${field}`, message })
    const who = titleOf(passengers, index)
    if (!passenger.givenName) missing("given_name", `${who}: give the given name.`)
    if (!passenger.familyName) missing("family_name", `${who}: give the family name.`)
    if (!passenger.birthDate) missing("birth_date", `${who}: give the date of birth.`)
  }
  if (!text(form, "contact.email")) problems.push({ field: "contact.email", message: "Give an e-mail address." })
  return problems
}

/** "Adult 2", or "Adult" when there is only one. */
export function titleOf(passengers: readonly Pick<Passenger, "type">[], index: number): string {
  const type = passengers[index]!.type
  const same = passengers.filter((each) => each.type === type)
  const number = passengers.slice(0, index + 1).filter((each) => each.type === type).length
  return same.length > 1 ? `${PASSENGER_WORDS[type]} ${number}` : PASSENGER_WORDS[type]
}

interface PassengerFieldsProps {
  index: number
  title: string
  type: PassengerType
  form: URLSearchParams
  problems: readonly FieldProblem[]
}

function PassengerFields({ index, title, type, form, problems }: PassengerFieldsProps) {
  const field = (name: string) => ({
    name: `passengers[${index}].${name}`,
    value: text(form, `passengers[${index}].${name}`),
    problems,
  })
  const own = index === 0 && type === PassengerType.ADULT
  return (
    <fieldset class="card">
      <legend class="card-title">{title}</legend>
      <div class="fields two">
        <Input {...field("given_name")} label="Given names" maxlength={80} autocomplete={own ? "given-name" : "off"} />
        <Input
          {...field("family_name")}
          label="Family name"
          maxlength={80}
          autocomplete={own ? "family-name" : "off"}
        />
        <Input {...field("birth_date")} label="Date of birth" type="date" autocomplete={own ? "bday" : "off"} />
        <Select {...field("gender")} label="Gender" options={GENDERS} optional={true} />
      </div>
    </fieldset>
  )
}

/** A person who is logged in probably flies too. */
async function prefilled({ sessions }: UiContext, request: Request): Promise<URLSearchParams> {
  const { user } = await sessions.identityOf(request)
  if (!user) return new URLSearchParams()
  return new URLSearchParams({
    "passengers[0].given_name": user.firstName,
    "passengers[0].family_name": user.lastName,
    "contact.email": user.email,
  })
}

const logInUrl = (selection: Selection): string => {
  const next = `/book?${new URLSearchParams(selectionFields(selection) as [string, string][])}`
  return `/login?next=${encodeURIComponent(next)}`
}
