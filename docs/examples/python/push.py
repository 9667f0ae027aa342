"""Pushes one message to a user through each door named: python push.py UID DOOR..."""

import json
import os
import sys
import time
import urllib.request
import uuid

import grpc
import kafka
import pika
import redis

import push_pb2
import push_pb2_grpc
import yunque_pb2

REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379")
KAFKA_BROKERS = os.environ.get("KAFKA_BROKERS", "127.0.0.1:9092")
AMQP_URL = os.environ.get("AMQP_URL", "amqp://127.0.0.1:5672")
HTTP_URL = os.environ.get("HTTP_URL", "http://127.0.0.1:666")
GRPC_TARGET = os.environ.get("GRPC_TARGET", "127.0.0.1:9090")
TOPIC = os.environ.get("TOPIC", "chat")


def message(uid, door):
    return yunque_pb2.MessageProto(
        id=9007199254740993,
        action="order",
        sender="shop",
        receiver=uid,
        title=f"python through {door}",
        # Values are text: what is nested goes in as JSON.
        content={"order": json.dumps({"items": ["tea", "杯子"], "total": 12.5})},
        sendTime=time.time_ns() // 1_000_000,
    )


def record(uid, door):
    pub = yunque_pb2.MessagesPubProto(Uid=uid, act=yunque_pb2.SENDUIDS, msg=[message(uid, door)])
    return pub.SerializeToString()


def channel(uid):
    redis.Redis.from_url(REDIS_URL).publish(TOPIC, record(uid, "channel"))


def stream(uid):
    redis.Redis.from_url(REDIS_URL).xadd(TOPIC, {"data": record(uid, "stream")})


def kafka_topic(uid):
    producer = kafka.KafkaProducer(bootstrap_servers=KAFKA_BROKERS)
    # The key keeps what one user gets in order.
    producer.send(TOPIC, key=uid.encode(), value=record(uid, "kafka")).get(timeout=30)
    producer.close()


def rabbitmq(uid):
    with pika.BlockingConnection(pika.URLParameters(AMQP_URL)) as connection:
        queue = connection.channel()
        queue.confirm_delivery()
        queue.queue_declare(TOPIC, durable=True)
        # By its id a message that comes again is recognised.
        properties = pika.BasicProperties(message_id=str(uuid.uuid4()), delivery_mode=2)
        queue.basic_publish("", TOPIC, record(uid, "rabbitmq"), properties)


def http(uid):
    one = message(uid, "http")
    body = {"id": str(one.id), "action": one.action, "sender": one.sender, "receiver": uid, "title": one.title,
            "content": {"order": json.loads(one.content["order"])}, "sendTime": one.sendTime}
    headers = {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
    urllib.request.urlopen(urllib.request.Request(f"{HTTP_URL}/send", json.dumps(body).encode(), headers))


def grpc_call(uid):
    # Its MessageProto has the fields of the queues' one.
    one = push_pb2.MessageProto.FromString(message(uid, "grpc").SerializeToString())
    request = push_pb2.SendRequest(target={"users": {"uids": [uid]}}, proto=one)
    with grpc.insecure_channel(GRPC_TARGET) as channel:
        receipt = push_pb2_grpc.PushStub(channel).Send(request, timeout=10, metadata=[("idempotency-key", str(uuid.uuid4()))])
    print(f"grpc: delivered to {receipt.delivered} connections")


doors = {"channel": channel, "stream": stream, "kafka": kafka_topic, "rabbitmq": rabbitmq, "http": http, "grpc": grpc_call}

uid, *names = sys.argv[1:]
for name in names:
    doors[name](uid)
