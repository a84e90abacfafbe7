import type { FieldProblem } from "@airside/kernel/errors"
import { raw } from "hono/html"
import type { Child } from "hono/jsx"
import { readBytes } from "../body.ts"
import { html } from "../html.ts"

const sentForms = new WeakMap<Request, URLSearchParams>()

/** The fields of a submitted form, in their order. Throws BODY_TOO_LARGE. */
export async function readForm(request: Request): Promise<URLSearchParams> {
  const form = new URLSearchParams(new TextDecoder().decode(await readBytes(request)))
  sentForms.set(request, form)
  return form
}

/**
 * What a request had sent when it failed, to be offered for sending once more: only a form with a request_id, which is
 * carried out once however often it comes, and never one with a password, which no page shows again.
 */
export function formToSendAgain(request: Request): URLSearchParams | undefined {
  const form = sentForms.get(request)
  if (!form?.get("request_id") || [...form.keys()].some((name) => name.includes("password"))) return undefined
  return form
}

/** One value of a form or of an address, without surrounding space; empty when it is not there. */
export const text = (form: URLSearchParams, name: string): string => form.get(name)?.trim() ?? ""

/** A form's field for a path of the request: `passengers[0].family_name` has the id `passengers-0-family_name`. */
export const fieldId = (path: string): string => path.replace(/[^A-Za-z0-9_]+/g, "-").replace(/-$/, "")

export interface FieldProps {
  /** Name of the form's field, and the path under which problems name it. */
  name: string
  label: string
  problems?: readonly FieldProblem[]
  hint?: string
  optional?: boolean
  class?: string
}

type InputProps = FieldProps & { value?: string | undefined; type?: string } & Record<string, unknown>

/** An input with its label, its hint and, when it was refused, the reason, which assistive technology reads with it. */
export function Input({ name, label, problems, hint, optional, class: className, type = "text", ...rest }: InputProps) {
  const id = fieldId(name)
  return (
    <Labelled {...{ name, label, hint, optional, problems, class: className }}>
      <input id={id} name={name} type={type} required={!optional} {...described(name, problems, hint)} {...rest} />
    </Labelled>
  )
}

type SelectProps = FieldProps & {
  options: readonly (readonly [value: string, label: string])[]
  value?: string | undefined
} & Record<string, unknown>

export function Select(props: SelectProps) {
  const { name, label, problems, hint, optional, class: className, options, value, ...rest } = props
  return (
    <Labelled {...{ name, label, hint, optional, problems, class: className }}>
      <select id={fieldId(name)} name={name} {...described(name, problems, hint)} {...rest}>
        {options.map(([option, words]) => (
          <option value={option} selected={option === value}>
            {words}
          </option>
        ))}
      </select>
    </Labelled>
  )
}

export function Labelled(props: FieldProps & { children?: Child; after?: Child }) {
  const { name, label, hint, optional, problems, class: className, children, after } = props
  const id = fieldId(name)
  const message = messageOf(problems, name)
  return (
    <div class={["field", className].filter(Boolean).join(" ")}>
      <label for={id}>
        {label}
        {optional && <span class="optional"> (optional)</span>}
      </label>
      {children}
      {hint && (
        <span class="hint" id={`${id}-hint`}>
          {hint}
        </span>
      )}
      {message && (
        <span class="error" id={`${id}-error`}>
          {problemInWords({ field: name, message })}
        </span>
      )}
      {after}
    </div>
  )
}

/** The attributes by which a control says that it was refused, and why. */
export function described(name: string, problems: readonly FieldProblem[] | undefined, hint?: string) {
  const id = fieldId(name)
  const invalid = messageOf(problems, name) !== undefined
  const ids = [hint && `${id}-hint`, invalid && `${id}-error`].filter(Boolean).join(" ")
  return { "aria-invalid": invalid ? "true" : undefined, "aria-describedby": ids || undefined }
}

/**
 * Says above a form what was refused, each with a link to its field. It takes the focus when the page arrives, so that
 * nobody submits, sees the same form again and wonders.
 */
export function ErrorSummary({ problems, title }: { problems: readonly FieldProblem[]; title?: string }) {
  if (problems.length === 0) return null
  return (
    <div class="notice bad" role="alert" tabindex={-1} data-focus="">
      <h2>{title ?? "Please look at this again"}</h2>
      <ul>
        {problems.map((problem) => (
          <li>
            {problem.field ? (
              <a href={`#${fieldId(problem.field)}`}>{problemInWords(problem)}</a>
            ) : (
              problemInWords(problem)
            )}
          </li>
        ))}
      </ul>
    </div>
  )
}

/** Carries values on to the next step of a form. */
export const Hidden = ({ values }: { values: Iterable<readonly [name: string, value: string]> }) =>
  raw(hidden(values).text)

/** The same in a template. */
export const hidden = (values: Iterable<readonly [name: string, value: string]>) =>
  html`${Array.from(values, ([name, value]) => html`<input type="hidden" name="${name}" value="${value}"/>`)}`

/** Minted when a form is rendered: however often that form is sent, it is carried out once. */
export const RequestId = ({ value }: { value?: string | undefined }) => (
  <input type="hidden" name="request_id" value={value || crypto.randomUUID()} />
)

/**
 * Services say what is wrong in words that may follow a field's name: "is not a date". On a page a problem stands
 * alone, so it becomes a sentence: "Depart date is not a date."
 */
export function problemInWords({ field, message }: FieldProblem): string {
  const name = field.split(".").at(-1)!.replaceAll("_", " ")
  const whole = /^(is|are|must|has|may|needs|cannot|does)\b/.test(message) && name ? `${name} ${message}` : message
  return `${whole.charAt(0).toUpperCase()}${whole.slice(1)}${/[.!?:]$/.test(whole) ? "" : "."}`
}

function messageOf(problems: readonly FieldProblem[] | undefined, name: string): string | undefined {
  return problems?.find((problem) => problem.field === name)?.message
}
