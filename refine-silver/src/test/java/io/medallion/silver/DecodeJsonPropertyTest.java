package io.medallion.silver;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.medallion.silver.DecodedEvent.Accepted;
import io.medallion.silver.DecodedEvent.Rejected;
import java.lang.management.ManagementFactory;
import java.util.HexFormat;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.apache.flink.table.runtime.typeutils.RowDataSerializer;

/** Whatever comes is a row or rejected for a reason, and costs no more than it is worth. */
class DecodeJsonPropertyTest {
  private static final List<String> FIELDS =
      List.of("int", "long", "float", "double", "amount", "bytes", "day", "time", "micros", "kind");

  private final DecodeJson everyType = new DecodeJson(Contracts.EVERY_TYPE);
  private final RowDataSerializer serializer =
      new RowDataSerializer(Contracts.EVERY_TYPE.rowType());

  @Property
  void noBytesBreakTheDecoder(@ForAll @Size(max = 200) byte[] bytes) {
    assertDecided(bytes);
  }

  @Property
  void noNumberBreaksAField(
      @ForAll @StringLength(min = 1, max = 12) @CharRange(from = '+', to = '9') String number,
      @ForAll @StringLength(max = 8) @CharRange(from = '0', to = '9') String exponent) {
    for (String field : FIELDS) {
      assertDecided(event(field, number + "e" + exponent));
      assertDecided(event(field, number));
      assertDecided(event(field, "\"" + number + "\""));
    }
  }

  @Property
  void noTextBreaksAField(@ForAll @StringLength(max = 40) String text) {
    for (String field : FIELDS) {
      assertDecided(event(field, "\"" + text + "\""));
      assertDecided(event(field, text));
    }
  }

  private static byte[] event(String field, String value) {
    return "{\"id\": \"1\", \"%s\": %s}".formatted(field, value).getBytes(UTF_8);
  }

  private void assertDecided(byte[] bytes) {
    long before = allocated();

    DecodedEvent decoded = everyType.decode(bytes);

    if (decoded instanceof Accepted accepted) {
      serializer.toBinaryRow(accepted.row());
    } else {
      assertThat(((Rejected) decoded).rule())
          .as(() -> HexFormat.of().formatHex(bytes))
          .isNotEqualTo(DecodePayload.DECODER_FAILED);
    }
    assertThat(allocated() - before).isLessThan(20_000_000L);
  }

  private static long allocated() {
    return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
  }
}
