package io.hipchatalerts.state;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** State of one process, gone with it: for the laptop, for tests, and for one instance that may repeat itself. */
public final class MemoryStore implements StateStore {

    private record Remembered(Entry entry, Duration ttl) {}

    private final Cache<String, Remembered> entries;

    /** An empty store that forgets by {@code clock}. */
    public MemoryStore(InstantSource clock) {
        entries = Caffeine.newBuilder()
                .ticker(() -> TimeUnit.MILLISECONDS.toNanos(clock.millis()))
                .expireAfter(Expiry.<String, Remembered>writing((key, value) -> value.ttl()))
                .build();
    }

    @Override
    public Optional<Entry> load(String key) {
        return Optional.ofNullable(entries.getIfPresent(key)).map(Remembered::entry);
    }

    @Override
    public boolean swap(String key, Optional<Entry> expected, Entry next, Duration ttl) {
        Remembered standing = entries.asMap()
                .compute(key, (same, current) -> isExpected(current, expected) ? new Remembered(next, ttl) : current);
        return standing != null && standing.entry().version() == next.version();
    }

    private static boolean isExpected(Remembered current, Optional<Entry> expected) {
        return current == null
                ? expected.isEmpty()
                : expected.filter(entry -> entry.version() == current.entry().version())
                        .isPresent();
    }

    @Override
    public String name() {
        return "memory";
    }
}
