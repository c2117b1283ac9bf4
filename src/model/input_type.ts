/** Types of inputs that follow from a task's name and its declared fields. */
import type { FieldType, StandardSchema } from "./definition.ts";
import type { PlaceholderOf } from "./name.ts";

/** What is declared of one field. */
export type FieldOption = FieldType | StandardSchema;

/** What the option `fields` takes: a type or a schema for each field, or one schema of the whole input. */
export type FieldsOption = Readonly<Record<string, FieldOption>> | StandardSchema;

/** The same for a template: only its placeholders are fields. */
export type TemplateFields<Name extends string> =
  | { readonly [Field in PlaceholderOf<Name>]?: FieldOption }
  | StandardSchema;

/** What a schema takes. */
export type SchemaInput<Schema extends StandardSchema> = NonNullable<Schema["~standard"]["types"]>["input"];

/** What a schema gives. */
export type SchemaOutput<Schema extends StandardSchema> = NonNullable<Schema["~standard"]["types"]>["output"];

/** The values of the types that can be named in `fields`. */
export interface FieldValues {
  /** Any text. */
  readonly string: string;
  /** A finite number. */
  readonly number: number;
  /** A whole number. */
  readonly integer: number;
  /** `true` or `false`. */
  readonly boolean: boolean;
  /** A whole number of any size. */
  readonly bigint: bigint;
}

/** What a call gives for a declared field. */
export type FieldInput<Rule> = Rule extends StandardSchema ? SchemaInput<Rule>
  : Rule extends FieldType ? FieldValues[Rule]
  : string;

/** What `run` gets for a declared field. */
export type FieldOutput<Rule> = Rule extends StandardSchema ? SchemaOutput<Rule>
  : Rule extends FieldType ? FieldValues[Rule]
  : string;

/** What a call of a template is given. */
export type TemplateCallInput<Name extends string, Fields> = Fields extends StandardSchema
  ? SchemaInput<Fields>
  : { [Field in PlaceholderOf<Name>]: FieldInput<Field extends keyof Fields ? Fields[Field] : undefined> };

/** What the functions of a template get. */
export type TemplateRunInput<Name extends string, Fields> = Fields extends StandardSchema
  ? SchemaOutput<Fields>
  : { [Field in PlaceholderOf<Name>]: FieldOutput<Field extends keyof Fields ? Fields[Field] : undefined> };

/** What the functions of a task get whose name is no template, going by its declared fields. */
export type DeclaredRunInput<Fields> = Fields extends StandardSchema ? SchemaOutput<Fields>
  : {
    [Field in keyof Fields as Fields[Field] extends FieldOption ? Field : never]: FieldOutput<Fields[Field]>;
  };

/** What its calls are given: what its functions get, but for fields that a schema makes something else of. */
export type DeclaredCallInput<Fields, Input> = Fields extends StandardSchema ? SchemaInput<Fields>
  :
    & {
      [Field in keyof Input as Field extends MayBeAbsent<Fields> ? never : Field]: Field extends keyof Fields
        ? FieldInput<Fields[Field]>
        : Input[Field];
    }
    & {
      [Field in keyof Input & MayBeAbsent<Fields>]?: FieldInput<
        Field extends keyof Fields ? Fields[Field] : undefined
      >;
    };

/** Fields whose schema takes `undefined`, so that they may be left out. */
export type MayBeAbsent<Fields> = {
  [Field in keyof Fields]: undefined extends FieldInput<Fields[Field]> ? Field : never;
}[keyof Fields];
