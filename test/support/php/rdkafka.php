<?php
// The classes of the extension rdkafka that docs/examples/php uses, over librdkafka by FFI: Debian 12 has the library and not the extension.

namespace RdKafka;

use FFI;
use FFI\CData;

if (extension_loaded('rdkafka')) {
    return;
}

define('RD_KAFKA_RESP_ERR_NO_ERROR', 0);
define('RD_KAFKA_PARTITION_UA', -1);

final class Library
{
    private const PRODUCER = 0;
    private const COPY = 2;
    private static ?FFI $ffi = null;

    public static function get(): FFI
    {
        return self::$ffi ??= FFI::cdef('
            void *rd_kafka_conf_new(void);
            int rd_kafka_conf_set(void *conf, const char *name, const char *value, char *errstr, size_t size);
            void *rd_kafka_new(int type, void *conf, char *errstr, size_t size);
            void *rd_kafka_topic_new(void *rk, const char *topic, void *conf);
            int rd_kafka_produce(void *rkt, int32_t partition, int flags, const char *payload, size_t length,
                const char *key, size_t keyLength, void *opaque);
            int rd_kafka_flush(void *rk, int timeoutMs);
        ', 'librdkafka.so.1');
    }

    public static function create(CData $conf): CData
    {
        $said = FFI::new('char[512]');
        return self::get()->rd_kafka_new(self::PRODUCER, $conf, $said, 512) ?? throw new Exception(FFI::string($said));
    }

    public static function produce(CData $topic, int $partition, string $payload, string $key): void
    {
        $code = self::get()->rd_kafka_produce($topic, $partition, self::COPY, $payload, strlen($payload), $key, strlen($key), null);
        if ($code !== 0) {
            throw new Exception('librdkafka did not take the record');
        }
    }
}

class Exception extends \Exception
{
}

final class Conf
{
    public readonly CData $conf;

    public function __construct()
    {
        $this->conf = Library::get()->rd_kafka_conf_new();
    }

    public function set(string $name, string $value): void
    {
        $said = FFI::new('char[512]');
        if (Library::get()->rd_kafka_conf_set($this->conf, $name, $value, $said, 512) !== 0) {
            throw new Exception(FFI::string($said));
        }
    }
}

final class Producer
{
    private readonly CData $producer;

    public function __construct(Conf $conf)
    {
        $this->producer = Library::create($conf->conf);
    }

    public function newTopic(string $name): ProducerTopic
    {
        return new ProducerTopic(Library::get()->rd_kafka_topic_new($this->producer, $name, null));
    }

    public function flush(int $timeoutMs): int
    {
        return Library::get()->rd_kafka_flush($this->producer, $timeoutMs);
    }
}

final class ProducerTopic
{
    public function __construct(private readonly CData $topic)
    {
    }

    public function produce(int $partition, int $flags, string $payload, ?string $key = null): void
    {
        Library::produce($this->topic, $partition, $payload, $key ?? '');
    }
}
