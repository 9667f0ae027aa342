// Generated from the .proto files beside it by `npm run generate`. Do not edit.
import * as $protobuf from "protobufjs/minimal.js";
import Long = require("long");

/** Namespace yunque. */
export namespace yunque {

    /** Namespace v1. */
    namespace v1 {

        /**
         * Properties of a SendRequest.
         * @deprecated Use yunque.v1.SendRequest.$Properties instead.
         */
        interface ISendRequest extends yunque.v1.SendRequest.$Properties {
        }

        /** Represents a SendRequest. */
        class SendRequest {

            /**
             * Constructs a new SendRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: yunque.v1.SendRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SendRequest target. */
            target?: (yunque.v1.Target.$Properties|null);

            /** SendRequest exclude. */
            exclude?: (yunque.v1.Exclusion.$Properties|null);

            /** SendRequest nodes. */
            nodes: string[];

            /** SendRequest class. */
            class?: (yunque.v1.MessageClass.$Properties|null);

            /** SendRequest push. */
            push?: (yunque.v1.WebsocketPush.$Properties|null);

            /** SendRequest proto. */
            proto?: (yunque.v1.MessageProto.$Properties|null);

            /** SendRequest cim. */
            cim?: (yunque.v1.CimMessage.$Properties|null);

            /** SendRequest message. */
            message?: ("push"|"proto"|"cim");

            /**
             * Encodes the specified SendRequest message. Does not implicitly {@link yunque.v1.SendRequest.verify|verify} messages.
             * @param message SendRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: yunque.v1.SendRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SendRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {yunque.v1.SendRequest & yunque.v1.SendRequest.$Shape} SendRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): yunque.v1.SendRequest & yunque.v1.SendRequest.$Shape;
        }

        namespace SendRequest {

            /** Properties of a SendRequest. */
            interface $Properties {

                /** SendRequest target */
                target?: (yunque.v1.Target.$Properties|null);

                /** SendRequest exclude */
                exclude?: (yunque.v1.Exclusion.$Properties|null);

                /** SendRequest nodes */
                nodes?: (string[]|null);

                /** SendRequest class */
                "class"?: (yunque.v1.MessageClass.$Properties|null);

                /** SendRequest push */
                push?: (yunque.v1.WebsocketPush.$Properties|null);

                /** SendRequest proto */
                proto?: (yunque.v1.MessageProto.$Properties|null);

                /** SendRequest cim */
                cim?: (yunque.v1.CimMessage.$Properties|null);

                /** SendRequest message */
                message?: ("push"|"proto"|"cim");

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Narrowed shape of a SendRequest. */
            type $Shape = {
              target?: yunque.v1.Target.$Shape|null;
              exclude?: yunque.v1.Exclusion.$Shape|null;
              nodes?: string[]|null;
              "class"?: yunque.v1.MessageClass.$Shape|null;
              push?: yunque.v1.WebsocketPush.$Shape|null;
              proto?: yunque.v1.MessageProto.$Shape|null;
              cim?: yunque.v1.CimMessage.$Shape|null;
              $unknowns?: Uint8Array[];
            } & (
              ({ message?: undefined; push?: null; proto?: null; cim?: null }|{ message?: "push"; push: yunque.v1.WebsocketPush.$Shape; proto?: null; cim?: null }|{ message?: "proto"; push?: null; proto: yunque.v1.MessageProto.$Shape; cim?: null }|{ message?: "cim"; push?: null; proto?: null; cim: yunque.v1.CimMessage.$Shape })
            );
        }

        /**
         * Properties of a Target.
         * @deprecated Use yunque.v1.Target.$Properties instead.
         */
        interface ITarget extends yunque.v1.Target.$Properties {
        }

        /** Represents a Target. */
        class Target {

            /**
             * Constructs a new Target.
             * @param [properties] Properties to set
             */
            constructor(properties?: yunque.v1.Target.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Target connections. */
            connections?: (yunque.v1.Connections.$Properties|null);

            /** Target users. */
            users?: (yunque.v1.Users.$Properties|null);

            /** Target user_connections. */
            user_connections?: (yunque.v1.UserConnections.$Properties|null);

            /** Target device. */
            device?: (yunque.v1.Device.$Properties|null);

            /** Target groups. */
            groups?: (yunque.v1.Groups.$Properties|null);

            /** Target everyone. */
            everyone?: (yunque.v1.Everyone.$Properties|null);

            /** Target to. */
            to?: ("connections"|"users"|"user_connections"|"device"|"groups"|"everyone");

            /**
             * Encodes the specified Target message. Does not implicitly {@link yunque.v1.Target.verify|verify} messages.
             * @param message Target message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: yunque.v1.Target.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Target message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {yunque.v1.Target & yunque.v1.Target.$Shape} Target
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): yunque.v1.Target & yunque.v1.Target.$Shape;
        }

        namespace Target {

            /** Properties of a Target. */
            interface $Properties {

                /** Target connections */
                connections?: (yunque.v1.Connections.$Properties|null);

                /** Target users */
                users?: (yunque.v1.Users.$Properties|null);

                /** Target user_connections */
                user_connections?: (yunque.v1.UserConnections.$Properties|null);

                /** Target device */
                device?: (yunque.v1.Device.$Properties|null);

                /** Target groups */
                groups?: (yunque.v1.Groups.$Properties|null);

                /** Target everyone */
                everyone?: (yunque.v1.Everyone.$Properties|null);

                /** Target to */
                to?: ("connections"|"users"|"user_connections"|"device"|"groups"|"everyone");

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Narrowed shape of a Target. */
            type $Shape = {
              connections?: yunque.v1.Connections.$Shape|null;
              users?: yunque.v1.Users.$Shape|null;
              user_connections?: yunque.v1.UserConnections.$Shape|null;
              device?: yunque.v1.Device.$Shape|null;
              groups?: yunque.v1.Groups.$Shape|null;
              everyone?: yunque.v1.Everyone.$Shape|null;
              $unknowns?: Uint8Array[];
            } & (
              ({ to?: undefined; connections?: null; users?: null; user_connections?: null; device?: null; groups?: null; everyone?: null }|{ to?: "connections"; connections: yunque.v1.Connections.$Shape; users?: null; user_connections?: null; device?: null; groups?: null; everyone?: null }|{ to?: "users"; connections?: null; users: yunque.v1.Users.$Shape; user_connections?: null; device?: null; groups?: null; everyone?: null }|{ to?: "user_connections"; connections?: null; users?: null; user_connections: yunque.v1.UserConnections.$Shape; device?: null; groups?: null; everyone?: null }|{ to?: "device"; connections?: null; users?: null; user_connections?: null; device: yunque.v1.Device.$Shape; groups?: null; everyone?: null }|{ to?: "groups"; connections?: null; users?: null; user_connections?: null; device?: null; groups: yunque.v1.Groups.$Shape; everyone?: null }|{ to?: "everyone"; connections?: null; users?: null; user_connections?: null; device?: null; groups?: null; everyone: yunque.v1.Everyone.$Shape })
            );
        }

        /**
         * Properties of a Connections.
         * @deprecated Use yunque.v1.Connections.$Properties instead.
         */
        interface IConnections extends yunque.v1.Connections.$Properties {
        }

        /** Represents a Connections. */
        class Connections {

            /**
             * Constructs a new Connections.
             * @param [properties] Properties to set
             */
            constructor(properties?: yunque.v1.Connections.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Connections ids. */
            ids: string[];

            /**
             * Encodes the specified Connections message. Does not implicitly {@link yunque.v1.Connections.verify|verify} messages.
             * @param message Connections message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: yunque.v1.Connections.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Connections message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {yunque.v1.Connections & yunque.v1.Connections.$Shape} Connections
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): yunque.v1.Connections & yunque.v1.Connections.$Shape;
        }

        namespace Connections {

            /** Properties of a Connections. */
            interface $Properties {

                /** Connections ids */
                ids?: (string[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Connections. */
            type $Shape = yunque.v1.Connections.$Properties;
        }

        /**
         * Properties of a Users.
         * @deprecated Use yunque.v1.Users.$Properties instead.
         */
        interface IUsers extends yunque.v1.Users.$Properties {
        }

        /** Represents a Users. */
        class Users {

            /**
             * Constructs a new Users.
             * @param [properties] Properties to set
             */
            constructor(properties?: yunque.v1.Users.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Users uids. */
            uids: string[];

            /**
             * Encodes the specified Users message. Does not implicitly {@link yunque.v1.Users.verify|verify} messages.
             * @param message Users message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: yunque.v1.Users.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Users message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {yunque.v1.Users & yunque.v1.Users.$Shape} Users
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): yunque.v1.Users & yunque.v1.Users.$Shape;
        }

        namespace Users {

            /** Properties of a Users. */
            interface $Properties {

                /** Users uids */
                uids?: (string[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Users. */
            type $Shape = yunque.v1.Users.$Properties;
        }

        /**
         * Properties of a UserConnections.
         * @deprecated Use yunque.v1.UserConnections.$Properties instead.
         */
        interface IUserConnections extends yunque.v1.UserConnections.$Properties {
        }

        /** Represents a UserConnections. */
        class UserConnections {

            /**
             * Constructs a new UserConnections.
             * @param [properties] Properties to set
             */
            constructor(properties?: yunque.v1.UserConnections.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** UserConnections uids. */
            uids: string[];

            /** UserConnections ids. */
            ids: string[];

            /**
             * Encodes the specified UserConnections message. Does not implicitly {@link yunque.v1.UserConnections.verify|verify} messages.
             * @param message UserConnections message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: yunque.v1.UserConnections.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a UserConnections message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {yunque.v1.UserConnections & yunque.v1.UserConnections.$Shape} UserConnections
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): yunque.v1.UserConnections & yunque.v1.UserConnections.$Shape;
        }

        namespace UserConnections {

            /** Properties of a UserConnections. */
            interface $Properties {

                /** UserConnections uids */
                uids?: (string[]|null);

                /** UserConnections ids */
                ids?: (string[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a UserConnections. */
            type $Shape = yunque.v1.UserConnections.$Properties;
        }

        /**
         * Properties of a Device.
         * @deprecated Use yunque.v1.Device.$Properties instead.
         */
        interface IDevice extends yunque.v1.Device.$Properties {
        }

        /** Represents a Device. */
        class Device {

            /**
             * Constructs a new Device.
             * @param [properties] Properties to set
             */
            constructor(properties?: yunque.v1.Device.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Device uid. */
            uid: string;

            /** Device device_id. */
            device_id: string;

            /**
             * Encodes the specified Device message. Does not implicitly {@link yunque.v1.Device.verify|verify} messages.
             * @param message Device message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: yunque.v1.Device.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Device message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {yunque.v1.Device & yunque.v1.Device.$Shape} Device
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): yunque.v1.Device & yunque.v1.Device.$Shape;
        }

        namespace Device {

            /** Properties of a Device. */
            interface $Properties {

                /** Device uid */
                uid?: (string|null);

                /** Device device_id */
                device_id?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Device. */
            type $Shape = yunque.v1.Device.$Properties;
        }

        /**
         * Properties of a Groups.
         * @deprecated Use yunque.v1.Groups.$Properties instead.
         */
        interface IGroups extends yunque.v1.Groups.$Properties {
        }

        /** Represents a Groups. */
        class Groups {

            /**
             * Constructs a new Groups.
             * @param [properties] Properties to set
             */
            constructor(properties?: yunque.v1.Groups.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Groups groups. */
            groups: string[];

            /**
             * Encodes the specified Groups message. Does not implicitly {@link yunque.v1.Groups.verify|verify} messages.
             * @param message Groups message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: yunque.v1.Groups.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Groups message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {yunque.v1.Groups & yunque.v1.Groups.$Shape} Groups
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): yunque.v1.Groups & yunque.v1.Groups.$Shape;
        }

        namespace Groups {

            /** Properties of a Groups. */
            interface $Properties {

                /** Groups groups */
                groups?: (string[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Groups. */
            type $Shape = yunque.v1.Groups.$Properties;
        }

        /**
         * Properties of an Everyone.
         * @deprecated Use yunque.v1.Everyone.$Properties instead.
         */
        interface IEveryone extends yunque.v1.Everyone.$Properties {
        }

        /** Represents an Everyone. */
        class Everyone {

            /**
             * Constructs a new Everyone.
             * @param [properties] Properties to set
             */
            constructor(properties?: yunque.v1.Everyone.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /**
             * Encodes the specified Everyone message. Does not implicitly {@link yunque.v1.Everyone.verify|verify} messages.
             * @param message Everyone message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: yunque.v1.Everyone.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an Everyone message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {yunque.v1.Everyone & yunque.v1.Everyone.$Shape} Everyone
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): yunque.v1.Everyone & yunque.v1.Everyone.$Shape;
        }

        namespace Everyone {

            /** Properties of an Everyone. */
            interface $Properties {

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an Everyone. */
            type $Shape = yunque.v1.Everyone.$Properties;
        }

        /**
         * Properties of an Exclusion.
         * @deprecated Use yunque.v1.Exclusion.$Properties instead.
         */
        interface IExclusion extends yunque.v1.Exclusion.$Properties {
        }

        /** Represents an Exclusion. */
        class Exclusion {

            /**
             * Constructs a new Exclusion.
             * @param [properties] Properties to set
             */
            constructor(properties?: yunque.v1.Exclusion.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Exclusion uids. */
            uids: string[];

            /** Exclusion ids. */
            ids: string[];

            /**
             * Encodes the specified Exclusion message. Does not implicitly {@link yunque.v1.Exclusion.verify|verify} messages.
             * @param message Exclusion message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: yunque.v1.Exclusion.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an Exclusion message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {yunque.v1.Exclusion & yunque.v1.Exclusion.$Shape} Exclusion
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): yunque.v1.Exclusion & yunque.v1.Exclusion.$Shape;
        }

        namespace Exclusion {

            /** Properties of an Exclusion. */
            interface $Properties {

                /** Exclusion uids */
                uids?: (string[]|null);

                /** Exclusion ids */
                ids?: (string[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an Exclusion. */
            type $Shape = yunque.v1.Exclusion.$Properties;
        }

        /**
         * Properties of a MessageClass.
         * @deprecated Use yunque.v1.MessageClass.$Properties instead.
         */
        interface IMessageClass extends yunque.v1.MessageClass.$Properties {
        }

        /** Represents a MessageClass. */
        class MessageClass {

            /**
             * Constructs a new MessageClass.
             * @param [properties] Properties to set
             */
            constructor(properties?: yunque.v1.MessageClass.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** MessageClass name. */
            name: string;

            /** MessageClass key. */
            key: string;

            /**
             * Encodes the specified MessageClass message. Does not implicitly {@link yunque.v1.MessageClass.verify|verify} messages.
             * @param message MessageClass message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: yunque.v1.MessageClass.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a MessageClass message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {yunque.v1.MessageClass & yunque.v1.MessageClass.$Shape} MessageClass
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): yunque.v1.MessageClass & yunque.v1.MessageClass.$Shape;
        }

        namespace MessageClass {

            /** Properties of a MessageClass. */
            interface $Properties {

                /** MessageClass name */
                name?: (string|null);

                /** MessageClass key */
                key?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a MessageClass. */
            type $Shape = yunque.v1.MessageClass.$Properties;
        }

        /**
         * Properties of a WebsocketPush.
         * @deprecated Use yunque.v1.WebsocketPush.$Properties instead.
         */
        interface IWebsocketPush extends yunque.v1.WebsocketPush.$Properties {
        }

        /** Represents a WebsocketPush. */
        class WebsocketPush {

            /**
             * Constructs a new WebsocketPush.
             * @param [properties] Properties to set
             */
            constructor(properties?: yunque.v1.WebsocketPush.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** WebsocketPush send_user_id. */
            send_user_id: string;

            /** WebsocketPush code. */
            code: Long;

            /** WebsocketPush msg. */
            msg: string;

            /** WebsocketPush data. */
            data: string;

            /**
             * Encodes the specified WebsocketPush message. Does not implicitly {@link yunque.v1.WebsocketPush.verify|verify} messages.
             * @param message WebsocketPush message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: yunque.v1.WebsocketPush.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a WebsocketPush message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {yunque.v1.WebsocketPush & yunque.v1.WebsocketPush.$Shape} WebsocketPush
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): yunque.v1.WebsocketPush & yunque.v1.WebsocketPush.$Shape;
        }

        namespace WebsocketPush {

            /** Properties of a WebsocketPush. */
            interface $Properties {

                /** WebsocketPush send_user_id */
                send_user_id?: (string|null);

                /** WebsocketPush code */
                code?: (Long|null);

                /** WebsocketPush msg */
                msg?: (string|null);

                /** WebsocketPush data */
                data?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a WebsocketPush. */
            type $Shape = yunque.v1.WebsocketPush.$Properties;
        }

        /**
         * Properties of a MessageProto.
         * @deprecated Use yunque.v1.MessageProto.$Properties instead.
         */
        interface IMessageProto extends yunque.v1.MessageProto.$Properties {
        }

        /** Represents a MessageProto. */
        class MessageProto {

            /**
             * Constructs a new MessageProto.
             * @param [properties] Properties to set
             */
            constructor(properties?: yunque.v1.MessageProto.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** MessageProto id. */
            id: Long;

            /** MessageProto action. */
            action: string;

            /** MessageProto content. */
            content: { [k: string]: string };

            /** MessageProto sender. */
            sender: string;

            /** MessageProto receiver. */
            receiver: string;

            /** MessageProto extra. */
            extra: { [k: string]: string };

            /** MessageProto title. */
            title: string;

            /** MessageProto sendTime. */
            sendTime: Long;

            /** MessageProto image. */
            image: string;

            /**
             * Encodes the specified MessageProto message. Does not implicitly {@link yunque.v1.MessageProto.verify|verify} messages.
             * @param message MessageProto message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: yunque.v1.MessageProto.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a MessageProto message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {yunque.v1.MessageProto & yunque.v1.MessageProto.$Shape} MessageProto
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): yunque.v1.MessageProto & yunque.v1.MessageProto.$Shape;
        }

        namespace MessageProto {

            /** Properties of a MessageProto. */
            interface $Properties {

                /** MessageProto id */
                id?: (Long|null);

                /** MessageProto action */
                action?: (string|null);

                /** MessageProto content */
                content?: ({ [k: string]: string }|null);

                /** MessageProto sender */
                sender?: (string|null);

                /** MessageProto receiver */
                receiver?: (string|null);

                /** MessageProto extra */
                extra?: ({ [k: string]: string }|null);

                /** MessageProto title */
                title?: (string|null);

                /** MessageProto sendTime */
                sendTime?: (Long|null);

                /** MessageProto image */
                image?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a MessageProto. */
            type $Shape = yunque.v1.MessageProto.$Properties;
        }

        /**
         * Properties of a CimMessage.
         * @deprecated Use yunque.v1.CimMessage.$Properties instead.
         */
        interface ICimMessage extends yunque.v1.CimMessage.$Properties {
        }

        /** Represents a CimMessage. */
        class CimMessage {

            /**
             * Constructs a new CimMessage.
             * @param [properties] Properties to set
             */
            constructor(properties?: yunque.v1.CimMessage.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** CimMessage id. */
            id: Long;

            /** CimMessage action. */
            action: string;

            /** CimMessage content. */
            content: string;

            /** CimMessage sender. */
            sender: string;

            /** CimMessage receiver. */
            receiver: string;

            /** CimMessage extra. */
            extra: string;

            /** CimMessage title. */
            title: string;

            /** CimMessage format. */
            format: string;

            /** CimMessage timestamp. */
            timestamp: Long;

            /**
             * Encodes the specified CimMessage message. Does not implicitly {@link yunque.v1.CimMessage.verify|verify} messages.
             * @param message CimMessage message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: yunque.v1.CimMessage.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a CimMessage message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {yunque.v1.CimMessage & yunque.v1.CimMessage.$Shape} CimMessage
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): yunque.v1.CimMessage & yunque.v1.CimMessage.$Shape;
        }

        namespace CimMessage {

            /** Properties of a CimMessage. */
            interface $Properties {

                /** CimMessage id */
                id?: (Long|null);

                /** CimMessage action */
                action?: (string|null);

                /** CimMessage content */
                content?: (string|null);

                /** CimMessage sender */
                sender?: (string|null);

                /** CimMessage receiver */
                receiver?: (string|null);

                /** CimMessage extra */
                extra?: (string|null);

                /** CimMessage title */
                title?: (string|null);

                /** CimMessage format */
                format?: (string|null);

                /** CimMessage timestamp */
                timestamp?: (Long|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a CimMessage. */
            type $Shape = yunque.v1.CimMessage.$Properties;
        }

        /**
         * Properties of a Receipt.
         * @deprecated Use yunque.v1.Receipt.$Properties instead.
         */
        interface IReceipt extends yunque.v1.Receipt.$Properties {
        }

        /** Represents a Receipt. */
        class Receipt {

            /**
             * Constructs a new Receipt.
             * @param [properties] Properties to set
             */
            constructor(properties?: yunque.v1.Receipt.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Receipt message_id. */
            message_id: string;

            /** Receipt matched. */
            matched: number;

            /** Receipt delivered. */
            delivered: number;

            /** Receipt queued. */
            queued: number;

            /** Receipt dropped. */
            dropped: { [k: string]: number };

            /** Receipt offline. */
            offline: string[];

            /** Receipt unknown. */
            unknown: string[];

            /** Receipt missing_nodes. */
            missing_nodes: string[];

            /**
             * Encodes the specified Receipt message. Does not implicitly {@link yunque.v1.Receipt.verify|verify} messages.
             * @param message Receipt message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: yunque.v1.Receipt.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Receipt message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {yunque.v1.Receipt & yunque.v1.Receipt.$Shape} Receipt
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): yunque.v1.Receipt & yunque.v1.Receipt.$Shape;
        }

        namespace Receipt {

            /** Properties of a Receipt. */
            interface $Properties {

                /** Receipt message_id */
                message_id?: (string|null);

                /** Receipt matched */
                matched?: (number|null);

                /** Receipt delivered */
                delivered?: (number|null);

                /** Receipt queued */
                queued?: (number|null);

                /** Receipt dropped */
                dropped?: ({ [k: string]: number }|null);

                /** Receipt offline */
                offline?: (string[]|null);

                /** Receipt unknown */
                unknown?: (string[]|null);

                /** Receipt missing_nodes */
                missing_nodes?: (string[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Receipt. */
            type $Shape = yunque.v1.Receipt.$Properties;
        }

        /**
         * Properties of a SendBatchRequest.
         * @deprecated Use yunque.v1.SendBatchRequest.$Properties instead.
         */
        interface ISendBatchRequest extends yunque.v1.SendBatchRequest.$Properties {
        }

        /** Represents a SendBatchRequest. */
        class SendBatchRequest {

            /**
             * Constructs a new SendBatchRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: yunque.v1.SendBatchRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SendBatchRequest items. */
            items: yunque.v1.SendRequest.$Properties[];

            /** SendBatchRequest class. */
            class?: (yunque.v1.MessageClass.$Properties|null);

            /**
             * Encodes the specified SendBatchRequest message. Does not implicitly {@link yunque.v1.SendBatchRequest.verify|verify} messages.
             * @param message SendBatchRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: yunque.v1.SendBatchRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SendBatchRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {yunque.v1.SendBatchRequest & yunque.v1.SendBatchRequest.$Shape} SendBatchRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): yunque.v1.SendBatchRequest & yunque.v1.SendBatchRequest.$Shape;
        }

        namespace SendBatchRequest {

            /** Properties of a SendBatchRequest. */
            interface $Properties {

                /** SendBatchRequest items */
                items?: (yunque.v1.SendRequest.$Properties[]|null);

                /** SendBatchRequest class */
                "class"?: (yunque.v1.MessageClass.$Properties|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SendBatchRequest. */
            type $Shape = {
              items?: yunque.v1.SendRequest.$Shape[]|null;
              "class"?: yunque.v1.MessageClass.$Shape|null;
              $unknowns?: Uint8Array[];
            };
        }

        /**
         * Properties of a BatchReceipt.
         * @deprecated Use yunque.v1.BatchReceipt.$Properties instead.
         */
        interface IBatchReceipt extends yunque.v1.BatchReceipt.$Properties {
        }

        /** Represents a BatchReceipt. */
        class BatchReceipt {

            /**
             * Constructs a new BatchReceipt.
             * @param [properties] Properties to set
             */
            constructor(properties?: yunque.v1.BatchReceipt.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** BatchReceipt total. */
            total: number;

            /** BatchReceipt matched. */
            matched: number;

            /** BatchReceipt delivered. */
            delivered: number;

            /** BatchReceipt queued. */
            queued: number;

            /** BatchReceipt dropped. */
            dropped: { [k: string]: number };

            /** BatchReceipt offline. */
            offline: string[];

            /** BatchReceipt missing_nodes. */
            missing_nodes: string[];

            /** BatchReceipt message_ids. */
            message_ids: string[];

            /**
             * Encodes the specified BatchReceipt message. Does not implicitly {@link yunque.v1.BatchReceipt.verify|verify} messages.
             * @param message BatchReceipt message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: yunque.v1.BatchReceipt.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a BatchReceipt message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {yunque.v1.BatchReceipt & yunque.v1.BatchReceipt.$Shape} BatchReceipt
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): yunque.v1.BatchReceipt & yunque.v1.BatchReceipt.$Shape;
        }

        namespace BatchReceipt {

            /** Properties of a BatchReceipt. */
            interface $Properties {

                /** BatchReceipt total */
                total?: (number|null);

                /** BatchReceipt matched */
                matched?: (number|null);

                /** BatchReceipt delivered */
                delivered?: (number|null);

                /** BatchReceipt queued */
                queued?: (number|null);

                /** BatchReceipt dropped */
                dropped?: ({ [k: string]: number }|null);

                /** BatchReceipt offline */
                offline?: (string[]|null);

                /** BatchReceipt missing_nodes */
                missing_nodes?: (string[]|null);

                /** BatchReceipt message_ids */
                message_ids?: (string[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a BatchReceipt. */
            type $Shape = yunque.v1.BatchReceipt.$Properties;
        }

        /**
         * Properties of a StreamReceipt.
         * @deprecated Use yunque.v1.StreamReceipt.$Properties instead.
         */
        interface IStreamReceipt extends yunque.v1.StreamReceipt.$Properties {
        }

        /** Represents a StreamReceipt. */
        class StreamReceipt {

            /**
             * Constructs a new StreamReceipt.
             * @param [properties] Properties to set
             */
            constructor(properties?: yunque.v1.StreamReceipt.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** StreamReceipt received. */
            received: Long;

            /** StreamReceipt accepted. */
            accepted: Long;

            /** StreamReceipt failed. */
            failed: Long;

            /** StreamReceipt matched. */
            matched: Long;

            /** StreamReceipt delivered. */
            delivered: Long;

            /** StreamReceipt queued. */
            queued: Long;

            /** StreamReceipt dropped. */
            dropped: { [k: string]: Long };

            /** StreamReceipt offline. */
            offline: Long;

            /** StreamReceipt missing_nodes. */
            missing_nodes: string[];

            /** StreamReceipt errors. */
            errors: yunque.v1.StreamError.$Properties[];

            /**
             * Encodes the specified StreamReceipt message. Does not implicitly {@link yunque.v1.StreamReceipt.verify|verify} messages.
             * @param message StreamReceipt message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: yunque.v1.StreamReceipt.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a StreamReceipt message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {yunque.v1.StreamReceipt & yunque.v1.StreamReceipt.$Shape} StreamReceipt
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): yunque.v1.StreamReceipt & yunque.v1.StreamReceipt.$Shape;
        }

        namespace StreamReceipt {

            /** Properties of a StreamReceipt. */
            interface $Properties {

                /** StreamReceipt received */
                received?: (Long|null);

                /** StreamReceipt accepted */
                accepted?: (Long|null);

                /** StreamReceipt failed */
                failed?: (Long|null);

                /** StreamReceipt matched */
                matched?: (Long|null);

                /** StreamReceipt delivered */
                delivered?: (Long|null);

                /** StreamReceipt queued */
                queued?: (Long|null);

                /** StreamReceipt dropped */
                dropped?: ({ [k: string]: Long }|null);

                /** StreamReceipt offline */
                offline?: (Long|null);

                /** StreamReceipt missing_nodes */
                missing_nodes?: (string[]|null);

                /** StreamReceipt errors */
                errors?: (yunque.v1.StreamError.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a StreamReceipt. */
            type $Shape = yunque.v1.StreamReceipt.$Properties;
        }

        /**
         * Properties of a StreamError.
         * @deprecated Use yunque.v1.StreamError.$Properties instead.
         */
        interface IStreamError extends yunque.v1.StreamError.$Properties {
        }

        /** Represents a StreamError. */
        class StreamError {

            /**
             * Constructs a new StreamError.
             * @param [properties] Properties to set
             */
            constructor(properties?: yunque.v1.StreamError.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** StreamError index. */
            index: Long;

            /** StreamError code. */
            code: string;

            /** StreamError message. */
            message: string;

            /** StreamError field. */
            field: string;

            /** StreamError hint. */
            hint: string;

            /**
             * Encodes the specified StreamError message. Does not implicitly {@link yunque.v1.StreamError.verify|verify} messages.
             * @param message StreamError message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: yunque.v1.StreamError.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a StreamError message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {yunque.v1.StreamError & yunque.v1.StreamError.$Shape} StreamError
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): yunque.v1.StreamError & yunque.v1.StreamError.$Shape;
        }

        namespace StreamError {

            /** Properties of a StreamError. */
            interface $Properties {

                /** StreamError index */
                index?: (Long|null);

                /** StreamError code */
                code?: (string|null);

                /** StreamError message */
                message?: (string|null);

                /** StreamError field */
                field?: (string|null);

                /** StreamError hint */
                hint?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a StreamError. */
            type $Shape = yunque.v1.StreamError.$Properties;
        }

        /**
         * Properties of a Members.
         * @deprecated Use yunque.v1.Members.$Properties instead.
         */
        interface IMembers extends yunque.v1.Members.$Properties {
        }

        /** Represents a Members. */
        class Members {

            /**
             * Constructs a new Members.
             * @param [properties] Properties to set
             */
            constructor(properties?: yunque.v1.Members.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Members connections. */
            connections?: (yunque.v1.Connections.$Properties|null);

            /** Members users. */
            users?: (yunque.v1.Users.$Properties|null);

            /** Members who. */
            who?: ("connections"|"users");

            /**
             * Encodes the specified Members message. Does not implicitly {@link yunque.v1.Members.verify|verify} messages.
             * @param message Members message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: yunque.v1.Members.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Members message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {yunque.v1.Members & yunque.v1.Members.$Shape} Members
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): yunque.v1.Members & yunque.v1.Members.$Shape;
        }

        namespace Members {

            /** Properties of a Members. */
            interface $Properties {

                /** Members connections */
                connections?: (yunque.v1.Connections.$Properties|null);

                /** Members users */
                users?: (yunque.v1.Users.$Properties|null);

                /** Members who */
                who?: ("connections"|"users");

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Narrowed shape of a Members. */
            type $Shape = {
              connections?: yunque.v1.Connections.$Shape|null;
              users?: yunque.v1.Users.$Shape|null;
              $unknowns?: Uint8Array[];
            } & (
              ({ who?: undefined; connections?: null; users?: null }|{ who?: "connections"; connections: yunque.v1.Connections.$Shape; users?: null }|{ who?: "users"; connections?: null; users: yunque.v1.Users.$Shape })
            );
        }

        /**
         * Properties of a JoinRequest.
         * @deprecated Use yunque.v1.JoinRequest.$Properties instead.
         */
        interface IJoinRequest extends yunque.v1.JoinRequest.$Properties {
        }

        /** Represents a JoinRequest. */
        class JoinRequest {

            /**
             * Constructs a new JoinRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: yunque.v1.JoinRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** JoinRequest group. */
            group: string;

            /** JoinRequest members. */
            members?: (yunque.v1.Members.$Properties|null);

            /** JoinRequest user_id. */
            user_id: string;

            /** JoinRequest extend. */
            extend: string;

            /**
             * Encodes the specified JoinRequest message. Does not implicitly {@link yunque.v1.JoinRequest.verify|verify} messages.
             * @param message JoinRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: yunque.v1.JoinRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a JoinRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {yunque.v1.JoinRequest & yunque.v1.JoinRequest.$Shape} JoinRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): yunque.v1.JoinRequest & yunque.v1.JoinRequest.$Shape;
        }

        namespace JoinRequest {

            /** Properties of a JoinRequest. */
            interface $Properties {

                /** JoinRequest group */
                group?: (string|null);

                /** JoinRequest members */
                members?: (yunque.v1.Members.$Properties|null);

                /** JoinRequest user_id */
                user_id?: (string|null);

                /** JoinRequest extend */
                extend?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a JoinRequest. */
            type $Shape = {
              group?: string|null;
              members?: yunque.v1.Members.$Shape|null;
              user_id?: string|null;
              extend?: string|null;
              $unknowns?: Uint8Array[];
            };
        }

        /**
         * Properties of a LeaveRequest.
         * @deprecated Use yunque.v1.LeaveRequest.$Properties instead.
         */
        interface ILeaveRequest extends yunque.v1.LeaveRequest.$Properties {
        }

        /** Represents a LeaveRequest. */
        class LeaveRequest {

            /**
             * Constructs a new LeaveRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: yunque.v1.LeaveRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** LeaveRequest group. */
            group: string;

            /** LeaveRequest members. */
            members?: (yunque.v1.Members.$Properties|null);

            /**
             * Encodes the specified LeaveRequest message. Does not implicitly {@link yunque.v1.LeaveRequest.verify|verify} messages.
             * @param message LeaveRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: yunque.v1.LeaveRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a LeaveRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {yunque.v1.LeaveRequest & yunque.v1.LeaveRequest.$Shape} LeaveRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): yunque.v1.LeaveRequest & yunque.v1.LeaveRequest.$Shape;
        }

        namespace LeaveRequest {

            /** Properties of a LeaveRequest. */
            interface $Properties {

                /** LeaveRequest group */
                group?: (string|null);

                /** LeaveRequest members */
                members?: (yunque.v1.Members.$Properties|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a LeaveRequest. */
            type $Shape = {
              group?: string|null;
              members?: yunque.v1.Members.$Shape|null;
              $unknowns?: Uint8Array[];
            };
        }

        /**
         * Properties of a MembershipReceipt.
         * @deprecated Use yunque.v1.MembershipReceipt.$Properties instead.
         */
        interface IMembershipReceipt extends yunque.v1.MembershipReceipt.$Properties {
        }

        /** Represents a MembershipReceipt. */
        class MembershipReceipt {

            /**
             * Constructs a new MembershipReceipt.
             * @param [properties] Properties to set
             */
            constructor(properties?: yunque.v1.MembershipReceipt.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** MembershipReceipt matched. */
            matched: number;

            /** MembershipReceipt changed. */
            changed: number;

            /** MembershipReceipt unknown. */
            unknown: string[];

            /** MembershipReceipt missing_nodes. */
            missing_nodes: string[];

            /**
             * Encodes the specified MembershipReceipt message. Does not implicitly {@link yunque.v1.MembershipReceipt.verify|verify} messages.
             * @param message MembershipReceipt message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: yunque.v1.MembershipReceipt.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a MembershipReceipt message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {yunque.v1.MembershipReceipt & yunque.v1.MembershipReceipt.$Shape} MembershipReceipt
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): yunque.v1.MembershipReceipt & yunque.v1.MembershipReceipt.$Shape;
        }

        namespace MembershipReceipt {

            /** Properties of a MembershipReceipt. */
            interface $Properties {

                /** MembershipReceipt matched */
                matched?: (number|null);

                /** MembershipReceipt changed */
                changed?: (number|null);

                /** MembershipReceipt unknown */
                unknown?: (string[]|null);

                /** MembershipReceipt missing_nodes */
                missing_nodes?: (string[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a MembershipReceipt. */
            type $Shape = yunque.v1.MembershipReceipt.$Properties;
        }

        /**
         * Properties of a KickRequest.
         * @deprecated Use yunque.v1.KickRequest.$Properties instead.
         */
        interface IKickRequest extends yunque.v1.KickRequest.$Properties {
        }

        /** Represents a KickRequest. */
        class KickRequest {

            /**
             * Constructs a new KickRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: yunque.v1.KickRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** KickRequest target. */
            target?: (yunque.v1.Target.$Properties|null);

            /** KickRequest reason. */
            reason: string;

            /**
             * Encodes the specified KickRequest message. Does not implicitly {@link yunque.v1.KickRequest.verify|verify} messages.
             * @param message KickRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: yunque.v1.KickRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a KickRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {yunque.v1.KickRequest & yunque.v1.KickRequest.$Shape} KickRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): yunque.v1.KickRequest & yunque.v1.KickRequest.$Shape;
        }

        namespace KickRequest {

            /** Properties of a KickRequest. */
            interface $Properties {

                /** KickRequest target */
                target?: (yunque.v1.Target.$Properties|null);

                /** KickRequest reason */
                reason?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a KickRequest. */
            type $Shape = {
              target?: yunque.v1.Target.$Shape|null;
              reason?: string|null;
              $unknowns?: Uint8Array[];
            };
        }

        /**
         * Properties of a KickReceipt.
         * @deprecated Use yunque.v1.KickReceipt.$Properties instead.
         */
        interface IKickReceipt extends yunque.v1.KickReceipt.$Properties {
        }

        /** Represents a KickReceipt. */
        class KickReceipt {

            /**
             * Constructs a new KickReceipt.
             * @param [properties] Properties to set
             */
            constructor(properties?: yunque.v1.KickReceipt.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** KickReceipt matched. */
            matched: number;

            /** KickReceipt closed. */
            closed: number;

            /** KickReceipt missing_nodes. */
            missing_nodes: string[];

            /**
             * Encodes the specified KickReceipt message. Does not implicitly {@link yunque.v1.KickReceipt.verify|verify} messages.
             * @param message KickReceipt message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: yunque.v1.KickReceipt.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a KickReceipt message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {yunque.v1.KickReceipt & yunque.v1.KickReceipt.$Shape} KickReceipt
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): yunque.v1.KickReceipt & yunque.v1.KickReceipt.$Shape;
        }

        namespace KickReceipt {

            /** Properties of a KickReceipt. */
            interface $Properties {

                /** KickReceipt matched */
                matched?: (number|null);

                /** KickReceipt closed */
                closed?: (number|null);

                /** KickReceipt missing_nodes */
                missing_nodes?: (string[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a KickReceipt. */
            type $Shape = yunque.v1.KickReceipt.$Properties;
        }

        /**
         * Properties of an OnlineRequest.
         * @deprecated Use yunque.v1.OnlineRequest.$Properties instead.
         */
        interface IOnlineRequest extends yunque.v1.OnlineRequest.$Properties {
        }

        /** Represents an OnlineRequest. */
        class OnlineRequest {

            /**
             * Constructs a new OnlineRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: yunque.v1.OnlineRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** OnlineRequest uids. */
            uids: string[];

            /** OnlineRequest ids. */
            ids: string[];

            /**
             * Encodes the specified OnlineRequest message. Does not implicitly {@link yunque.v1.OnlineRequest.verify|verify} messages.
             * @param message OnlineRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: yunque.v1.OnlineRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an OnlineRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {yunque.v1.OnlineRequest & yunque.v1.OnlineRequest.$Shape} OnlineRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): yunque.v1.OnlineRequest & yunque.v1.OnlineRequest.$Shape;
        }

        namespace OnlineRequest {

            /** Properties of an OnlineRequest. */
            interface $Properties {

                /** OnlineRequest uids */
                uids?: (string[]|null);

                /** OnlineRequest ids */
                ids?: (string[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an OnlineRequest. */
            type $Shape = yunque.v1.OnlineRequest.$Properties;
        }

        /**
         * Properties of an OnlineReply.
         * @deprecated Use yunque.v1.OnlineReply.$Properties instead.
         */
        interface IOnlineReply extends yunque.v1.OnlineReply.$Properties {
        }

        /** Represents an OnlineReply. */
        class OnlineReply {

            /**
             * Constructs a new OnlineReply.
             * @param [properties] Properties to set
             */
            constructor(properties?: yunque.v1.OnlineReply.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** OnlineReply users. */
            users: { [k: string]: number };

            /** OnlineReply connections. */
            connections: { [k: string]: number };

            /** OnlineReply missing_nodes. */
            missing_nodes: string[];

            /**
             * Encodes the specified OnlineReply message. Does not implicitly {@link yunque.v1.OnlineReply.verify|verify} messages.
             * @param message OnlineReply message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: yunque.v1.OnlineReply.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an OnlineReply message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {yunque.v1.OnlineReply & yunque.v1.OnlineReply.$Shape} OnlineReply
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): yunque.v1.OnlineReply & yunque.v1.OnlineReply.$Shape;
        }

        namespace OnlineReply {

            /** Properties of an OnlineReply. */
            interface $Properties {

                /** OnlineReply users */
                users?: ({ [k: string]: number }|null);

                /** OnlineReply connections */
                connections?: ({ [k: string]: number }|null);

                /** OnlineReply missing_nodes */
                missing_nodes?: (string[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an OnlineReply. */
            type $Shape = yunque.v1.OnlineReply.$Properties;
        }
    }
}
