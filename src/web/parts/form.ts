/** What was entered in the field of that name; empty where the form has none. */
export function entered(form: HTMLFormElement, name: string): string {
  return (form.elements.namedItem(name) as HTMLInputElement | null)?.value ?? "";
}
