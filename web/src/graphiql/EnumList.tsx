// The values of a list argument, each with a box to tick; the order of the list is the order of the clicks.
import { type EnumValueNode, Kind, type ListValueNode, type ValueNode } from "graphql";

interface Props {
  readonly names: readonly string[];
  readonly value: ValueNode;
  readonly choose: (value: ListValueNode) => void;
}

export function EnumList({ names, value, choose }: Props) {
  const chosen = chosenIn(value);
  const toggled = (name: string) => (chosen.includes(name) ? chosen.filter((other) => other !== name) : [...chosen, name]);
  return (
    <span className="servery-names">
      {names.map((name) => (
        <label key={name}>
          <input type="checkbox" checked={chosen.includes(name)} onChange={() => choose(listOf(toggled(name)))} />
          {name}
        </label>
      ))}
    </span>
  );
}

/** One value stands for a list of it, as everywhere in GraphQL. */
function chosenIn(value: ValueNode): string[] {
  const values = value.kind === Kind.LIST ? value.values : [value];
  return values.filter((each): each is EnumValueNode => each.kind === Kind.ENUM).map((each) => each.value);
}

function listOf(names: readonly string[]): ListValueNode {
  return { kind: Kind.LIST, values: names.map((name) => ({ kind: Kind.ENUM, value: name })) };
}
