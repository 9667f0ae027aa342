<?php
// Pushes one message to a user through each door named: php push.php UID DOOR...

require 'PhpAmqpLib/autoload.php';
spl_autoload_register(function ($class) {
    // Generated classes, and those of the protobuf library on the include path.
    @include_once strtr($class, '\\', '/') . '.php';
});

use PhpAmqpLib\Connection\AMQPStreamConnection;
use PhpAmqpLib\Message\AMQPMessage;
use Yunque\MessageProto;
use Yunque\MessagesPubProto;
use Yunque\SendActProto;

function message(string $uid, string $door): MessageProto
{
    return new MessageProto([
        'id' => 9007199254740993,
        'action' => 'order',
        'sender' => 'shop',
        'receiver' => $uid,
        'title' => "php through $door",
        // Values are text: what is nested goes in as JSON.
        'content' => ['order' => json_encode(['items' => ['tea', '杯子'], 'total' => 12.5])],
        'sendTime' => (int) (microtime(true) * 1000),
    ]);
}

function record(string $uid, string $door): string
{
    $pub = new MessagesPubProto(['Uid' => $uid, 'act' => SendActProto::SENDUIDS, 'msg' => [message($uid, $door)]]);
    return $pub->serializeToString();
}

function redis(): Redis
{
    $url = parse_url(setting('REDIS_URL', 'redis://127.0.0.1:6379'));
    $redis = new Redis();
    $redis->connect($url['host'], $url['port'] ?? 6379);
    return $redis;
}

function channel(string $uid): void
{
    redis()->publish(setting('TOPIC', 'chat'), record($uid, 'channel'));
}

function stream(string $uid): void
{
    redis()->xAdd(setting('TOPIC', 'chat'), '*', ['data' => record($uid, 'stream')]);
}

function kafka(string $uid): void
{
    $conf = new RdKafka\Conf();
    $conf->set('bootstrap.servers', setting('KAFKA_BROKERS', '127.0.0.1:9092'));
    $producer = new RdKafka\Producer($conf);
    // The key keeps what one user gets in order.
    $producer->newTopic(setting('TOPIC', 'chat'))->produce(RD_KAFKA_PARTITION_UA, 0, record($uid, 'kafka'), $uid);
    if ($producer->flush(30000) !== RD_KAFKA_RESP_ERR_NO_ERROR) {
        throw new Exception('Kafka did not take it');
    }
}

function rabbitmq(string $uid): void
{
    $url = parse_url(setting('AMQP_URL', 'amqp://127.0.0.1:5672'));
    $connection = new AMQPStreamConnection($url['host'], $url['port'] ?? 5672, $url['user'] ?? 'guest', $url['pass'] ?? 'guest');
    $channel = $connection->channel();
    $channel->confirm_select();
    $queue = setting('TOPIC', 'chat');
    $channel->queue_declare($queue, durable: true, auto_delete: false);
    // By its id a message that comes again is recognised.
    $properties = ['message_id' => bin2hex(random_bytes(16)), 'delivery_mode' => AMQPMessage::DELIVERY_MODE_PERSISTENT];
    $channel->basic_publish(new AMQPMessage(record($uid, 'rabbitmq'), $properties), '', $queue);
    $channel->wait_for_pending_acks(10);
    $connection->close();
}

function http(string $uid): void
{
    $context = stream_context_create(['http' => [
        'method' => 'POST',
        'header' => ['Content-Type: application/json', 'Idempotency-Key: ' . bin2hex(random_bytes(16))],
        'content' => message($uid, 'http')->serializeToJsonString(),
    ]]);
    if (file_get_contents(setting('HTTP_URL', 'http://127.0.0.1:666') . '/send', false, $context) === false) {
        throw new Exception('refused');
    }
}

function setting(string $name, string $otherwise): string
{
    return getenv($name) ?: $otherwise;
}

foreach (array_slice($argv, 2) as $door) {
    $door($argv[1]);
}
