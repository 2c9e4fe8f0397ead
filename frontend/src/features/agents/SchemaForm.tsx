import { optionText, words, type Field } from "@/lib/schema";
import { SelectField, SwitchField, TextAreaField, TextField } from "@/ui/Field";

interface SchemaFormProps {
  fields: Field[];
  typed: Record<string, string>;
  errors: Record<string, string>;
  onType: (name: string, value: string) => void;
}

export function SchemaForm({ fields, typed, errors, onType }: SchemaFormProps) {
  if (fields.length === 0) return <p className="text-soft">It needs no input.</p>;
  return fields.map((field) => (
    <Input
      key={field.name}
      field={field}
      value={typed[field.name] ?? field.initial}
      error={errors[field.name]}
      onType={(value) => onType(field.name, value)}
    />
  ));
}

interface InputProps {
  field: Field;
  value: string;
  error: string | undefined;
  onType: (value: string) => void;
}

function Input({ field, value, error, onType }: InputProps) {
  const { label, description, required } = field;
  const shared = {
    label,
    hint: description || undefined,
    error,
    optional: !required,
    "aria-required": required,
    value,
  };
  switch (field.kind) {
    case "choice":
      return (
        <SelectField {...shared} onChange={(event) => onType(event.target.value)}>
          {(!required || value === "") && <option value="">{required ? "Choose…" : "–"}</option>}
          {field.options.map((option) => (
            <option key={optionText(option)} value={optionText(option)}>
              {typeof option === "string" ? words(option) : optionText(option)}
            </option>
          ))}
        </SelectField>
      );
    case "switch":
      return (
        <SwitchField
          label={label}
          hint={description}
          checked={value === "true"}
          onChange={(checked) => onType(String(checked))}
        />
      );
    case "number":
      return (
        <TextField
          {...shared}
          inputMode={field.integer ? "numeric" : "decimal"}
          className="max-w-48"
          onChange={(event) => onType(event.target.value)}
        />
      );
    case "text":
      return <TextField {...shared} onChange={(event) => onType(event.target.value)} />;
    case "list":
      return (
        <TextAreaField
          {...shared}
          hint={[description, "One a line."].filter(Boolean).join(" ")}
          onChange={(event) => onType(event.target.value)}
        />
      );
    case "long":
    case "json":
      return (
        <TextAreaField
          {...shared}
          className={field.kind === "json" ? "font-mono text-sm" : undefined}
          hint={[description, field.kind === "json" && "As JSON."].filter(Boolean).join(" ")}
          onChange={(event) => onType(event.target.value)}
        />
      );
  }
}
