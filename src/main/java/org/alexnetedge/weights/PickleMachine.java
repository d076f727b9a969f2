package org.alexnetedge.weights;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.alexnetedge.onnx.ElementType;
import org.alexnetedge.weights.Pickled.Dictionary;
import org.alexnetedge.weights.Pickled.Name;
import org.alexnetedge.weights.Pickled.Other;
import org.alexnetedge.weights.Pickled.Sequence;
import org.alexnetedge.weights.Pickled.Storage;
import org.alexnetedge.weights.Pickled.Text;
import org.alexnetedge.weights.Pickled.Whole;

/**
 * Reads pickles of protocols 0 to 5 as data.
 *
 * <p>A pickle is a program for a stack machine, which may name any function of Python and call it.
 * This machine has containers, texts and numbers; {@link PickleNames} lists the few names that it
 * knows, each of which only makes such a value. It executes nothing else and refuses the file by
 * the first other name. The opcodes are those of Python's {@code pickletools}. Not thread-safe.
 */
final class PickleMachine {
  /** Steps of all pickles of a file: a checkpoint of a thousand tensors takes some 50,000. */
  private static final int MOST_STEPS = 4_000_000;

  /** No name of a weight is longer; such a text is passed over. */
  private static final int MOST_TEXT = 1 << 20;

  private final PickleInput input;
  private final String where;
  private final PickleStack stack;
  private final Map<Long, Pickled> memo = new HashMap<>();
  private final Map<String, ElementType> storages = new HashMap<>();
  private int steps;

  /**
   * A machine before the first pickle of its input.
   *
   * @param where for messages
   */
  PickleMachine(PickleInput input, String where) {
    this.input = input;
    this.where = where;
    this.stack = new PickleStack(where);
  }

  /** Reads one pickle; the input then stands behind it. */
  Pickled run() {
    stack.clear();
    memo.clear();
    while (true) {
      spend(1);
      int opcode = input.uint8();
      if (opcode == '.') {
        return stack.pop();
      }
      step(opcode);
    }
  }

  /** The storages that the pickles so far spoke of, and what they are made of. */
  Map<String, ElementType> storages() {
    return storages;
  }

  private void step(int opcode) {
    switch (opcode) {
      case '(' -> stack.mark();
      case '0' -> {
        if (stack.isAtMark()) {
          stack.popMark();
        } else {
          stack.pop();
        }
      }
      case '1' -> stack.popMark();
      case '2' -> stack.push(stack.top());
      case 'N' -> stack.push(new Other("None"));
      case 0x88, 0x89 -> stack.push(new Other("a truth value"));
      case 'I', 'L' -> stack.push(decimal(input.line()));
      case 'J' -> stack.push(new Whole(input.int32()));
      case 'K' -> stack.push(new Whole(input.uint8()));
      case 'M' -> stack.push(new Whole(input.uint16()));
      case 0x8a -> stack.push(whole(input.slice(input.uint8())));
      case 0x8b -> stack.push(whole(input.slice(input.int32())));
      case 'F' -> {
        input.line();
        stack.push(new Other("a fraction"));
      }
      case 'G' -> pass(8, "a fraction");
      case 'S' -> stack.push(new Text(unquoted(input.line())));
      case 'V' -> stack.push(new Text(input.line()));
      case 'T' -> text(input.int32());
      case 'U', 0x8c -> text(input.uint8());
      case 'X' -> text(input.uint32());
      case 0x8d -> text(input.int64());
      case 'B' -> pass(input.uint32(), "bytes");
      case 'C' -> pass(input.uint8(), "bytes");
      case 0x8e, 0x96 -> pass(input.int64(), "bytes");
      case ']' -> stack.push(Sequence.list());
      case 'l' -> list(stack.popMark());
      case 'a' -> append(List.of(stack.pop()));
      case 'e' -> append(stack.popMark());
      case ')' -> stack.push(Sequence.tuple(List.of()));
      case 't' -> stack.push(Sequence.tuple(stack.popMark()));
      case 0x85, 0x86, 0x87 -> stack.push(Sequence.tuple(stack.pop(opcode - 0x84)));
      case '}' -> stack.push(new Dictionary());
      case 'd' -> {
        List<Pickled> items = stack.popMark();
        stack.push(new Dictionary());
        setItems(items);
      }
      case 's' -> setItems(stack.pop(2));
      case 'u' -> setItems(stack.popMark());
      case 0x8f -> stack.push(new Other("a set"));
      case 0x90 -> {
        stack.popMark();
        stack.top();
      }
      case 0x91 -> {
        stack.popMark();
        stack.push(new Other("a set"));
      }
      default -> stepOfObjects(opcode);
    }
  }

  /** Names, calls, objects, the memo, and what is refused. */
  private void stepOfObjects(int opcode) {
    switch (opcode) {
      case 'c' -> stack.push(name(input.line(), input.line()));
      case 0x93 -> {
        List<Pickled> parts = stack.pop(2);
        stack.push(name(expectText(parts.get(0)), expectText(parts.get(1))));
      }
      case 'i' -> {
        Name name = name(input.line(), input.line());
        stack.push(call(name, stack.popMark()));
      }
      case 'o' -> {
        List<Pickled> items = stack.popMark();
        if (items.isEmpty()) {
          throw damaged("it makes an object of nothing");
        }
        stack.push(call(items.getFirst(), items.subList(1, items.size())));
      }
      case 'R', 0x81 -> {
        List<Pickled> parts = stack.pop(2);
        stack.push(call(parts.get(0), expectTuple(parts.get(1))));
      }
      case 0x92 -> {
        List<Pickled> parts = stack.pop(3);
        stack.push(call(parts.get(0), expectTuple(parts.get(1))));
      }
      case 'b' -> {
        // What is set here are hooks and metadata, never elements.
        stack.pop();
        if (stack.top() instanceof Name name) {
          throw damaged("it changes `" + name.value() + "`");
        }
      }
      // Protocol 0 has only the printed form of what tensors lie in; PyTorch cannot read it either.
      case 'P' ->
          throw new WeightsException(
              where
                  + " was saved with pickle protocol 0, which loses the tensors; save it anew with"
                  + " torch.save's own protocol.");
      case 'Q' -> {
        Storage storage = PickledTensors.storage(stack.pop(), where);
        storages.putIfAbsent(storage.key(), storage.type());
        stack.push(storage);
      }
      case 'p' -> {
        if (!(decimal(input.line()) instanceof Whole index)) {
          throw damaged("a number in it is none");
        }
        put(index.value());
      }
      case 'q' -> put(input.uint8());
      case 'r' -> put(input.uint32());
      case 0x94 -> put(memo.size());
      case 'g' -> {
        if (!(decimal(input.line()) instanceof Whole index)) {
          throw damaged("a number in it is none");
        }
        get(index.value());
      }
      case 'h' -> get(input.uint8());
      case 'j' -> get(input.uint32());
      case 0x80 -> {
        int protocol = input.uint8();
        if (protocol > 5) {
          throw new WeightsException(
              where + " is a pickle of protocol " + protocol + "; 0 to 5 are known.");
        }
      }
      // A frame says how much to read at once; the bytes are here already.
      case 0x95 -> input.int64();
      case 0x82, 0x83, 0x84 ->
          throw new WeightsException(
              where
                  + " asks for a function by a number of Python's extension registry; nothing was"
                  + " executed. "
                  + PickleNames.REMEDY);
      case 0x97, 0x98 -> throw damaged("it refers to buffers outside of itself");
      default -> throw damaged("it has an unknown step " + opcode);
    }
  }

  private Name name(String module, String name) {
    return PickleNames.name(module, name, where);
  }

  private Pickled call(Pickled function, List<Pickled> arguments) {
    if (!(function instanceof Name name)) {
      throw damaged("it calls " + function.kind());
    }
    // What a call makes may hold copies of its arguments, so they count.
    if (arguments.size() == 1 && arguments.getFirst() instanceof Sequence sequence) {
      spend(sequence.items().size());
    }
    return PickleNames.call(name.value(), arguments, where);
  }

  private void list(List<Pickled> items) {
    stack.push(Sequence.list());
    append(items);
  }

  private void append(List<Pickled> items) {
    if (!(stack.top() instanceof Sequence list && list.isList())) {
      throw damaged("it appends to " + stack.top().kind());
    }
    list.items().addAll(items);
  }

  private void setItems(List<Pickled> items) {
    if (!(stack.top() instanceof Dictionary dictionary)) {
      throw damaged("it sets entries of " + stack.top().kind());
    }
    if (items.size() % 2 != 0) {
      throw damaged("a key of a dictionary has no value");
    }
    for (int i = 0; i < items.size(); i += 2) {
      dictionary.put(items.get(i), items.get(i + 1));
    }
  }

  private void text(long length) {
    MemorySegment utf8 = input.slice(length);
    stack.push(length > MOST_TEXT ? new Other("a long text") : new Text(PickleInput.text(utf8)));
  }

  private void pass(long length, String kind) {
    input.slice(length);
    stack.push(new Other(kind));
  }

  private Pickled decimal(String line) {
    String digits = line.strip();
    if (digits.endsWith("L")) {
      digits = digits.substring(0, digits.length() - 1);
    }
    if (digits.matches("-?\\d{1,18}")) {
      return new Whole(Long.parseLong(digits));
    }
    return new Other("a large number");
  }

  /** A whole number of any length, little-endian in two's complement. */
  private static Pickled whole(MemorySegment bytes) {
    long length = bytes.byteSize();
    if (length > 8) {
      return new Other("a large number");
    }
    long value = 0;
    for (long i = length - 1; i >= 0; i--) {
      byte each = bytes.get(ValueLayout.JAVA_BYTE, i);
      value = i == length - 1 ? each : value << 8 | each & 0xff;
    }
    return new Whole(value);
  }

  private static String unquoted(String line) {
    String text = line.strip();
    return text.length() >= 2 ? text.substring(1, text.length() - 1) : text;
  }

  private String expectText(Pickled value) {
    if (value instanceof Text text) {
      return text.value();
    }
    throw damaged("a name in it is " + value.kind());
  }

  private List<Pickled> expectTuple(Pickled value) {
    if (value instanceof Sequence sequence && !sequence.isList()) {
      return sequence.items();
    }
    throw damaged("the arguments of a call are " + value.kind());
  }

  private void put(long index) {
    memo.put(index, stack.top());
  }

  private void get(long index) {
    Pickled value = memo.get(index);
    if (value == null) {
      throw damaged("it takes value " + index + " out of its memory, which it never put there");
    }
    stack.push(value);
  }

  private void spend(int count) {
    steps += count;
    if (steps > MOST_STEPS || steps < 0) {
      throw new WeightsException(
          where + " takes more than " + MOST_STEPS + " steps to read, which no weights do.");
    }
  }

  private WeightsException damaged(String what) {
    return new WeightsException(where + " is damaged: " + what + ".");
  }
}
